package io.adacache.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The protocol, small: two methods, one of which is none, one speed, one prompt each. */
class ProtocolCommandTest {
    @TempDir
    Path folder;

    private CommandLineRunner run(String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "protocol",
                "--model",
                "joint",
                "--steps",
                "8",
                "--methods",
                "easycache,even,static,plus-bare",
                "--method",
                "mine | 0..1 | no-such-policy:{x}",
                "--speeds",
                "2",
                "--tuning-clips",
                "1",
                "--test-clips",
                "2",
                "--seeds",
                "1",
                "--out",
                folder.resolve("p").toString()));
        arguments.addAll(List.of(more));
        return CommandLineRunner.run(arguments.toArray(String[]::new));
    }

    @Test
    void searchTestAndReport() throws IOException {
        CommandLineRunner ran = run();
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        Path out = folder.resolve("p");
        JsonNode json = new ObjectMapper().readTree(out.resolve("protocol.json").toFile());
        assertThat(json.path("against").asText()).isEqualTo("easycache");
        assertThat(json.path("left_out").path("mine").asText()).contains("no-such-policy");
        JsonNode even = trial(json, "even");
        assertThat(even.path("policy").asText()).isEqualTo("even:4");
        assertThat(even.path("chosen").asBoolean()).isTrue();
        assertThat(trial(json, "plus-bare").path("tested").asBoolean()).isFalse();
        JsonNode worth = json.path("adaptivity").get(0);
        assertThat(worth.path("planned").asDouble()).isGreaterThan(0);
        // With one tuning prompt, what is planned for all of them and what knows each of them are the same schedules.
        assertThat(worth.path("computed").asDouble()).isEqualTo(4);
        assertThat(worth.path("oracle").asDouble())
                .isEqualTo(worth.path("planned").asDouble());
        assertThat(worth.path("fewer_steps").asDouble()).isBetween(5.0, 100.0);
        assertThat(json.path("standings")).isNotEmpty();
        assertThat(Files.readString(out.resolve("protocol.csv"))).contains("even,operations,1.50,");
        assertThat(Files.readString(out.resolve("protocol.md")))
                .contains(
                        "left out, `mine`",
                        "## How far the oracle is",
                        "`plus-bare`: `adacache-plus:calls=N,forecast=0,weigh=flat`");
        assertThat(Files.readString(out.resolve("time.svg"))).startsWith("<svg xmlns");
        assertThat(out.resolve("test/report.html")).isNotEmptyFile();
        assertThat(out.resolve("test/unfinished")).doesNotExist();

        // What is kept is not generated again: the recording is looked at, not made.
        Path recording = out.resolve("tuning/recording-01.json");
        byte[] before = Files.readAllBytes(recording);
        assertThat(run().exitCode()).isZero();
        assertThat(Files.readAllBytes(recording)).isEqualTo(before);

        assertThat(run("--against", "magcache").err()).contains("none of the methods tested");
        CommandLineRunner other = run("--seed", "77");
        assertThat(other.exitCode()).isEqualTo(2);
        assertThat(other.err()).contains("holds a protocol with other settings");
    }

    private static JsonNode trial(JsonNode json, String method) {
        for (JsonNode trial : json.path("trials")) {
            if (trial.path("method").asText().equals(method)) {
                return trial;
            }
        }
        throw new AssertionError("no trial of " + method);
    }

    @Test
    void badInputIsOneClearLine() {
        assertThat(CommandLineRunner.run(
                                "protocol",
                                "--methods",
                                "plus-bare",
                                "--out",
                                folder.resolve("p").toString())
                        .err())
                .contains("Parts of a method are tried, not tested");
        assertThat(run("--prompt", "a red circle").err()).contains("--tuning-prompts FILE and --test-prompts FILE");
        assertThat(run("--methods", "nobody").err()).contains("There is no method 'nobody'; listed are");
        assertThat(run("--speeds", "0.5").err()).contains("--speeds are numbers of 1 or more");
    }
}
