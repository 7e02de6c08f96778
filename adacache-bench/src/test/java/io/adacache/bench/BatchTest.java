package io.adacache.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Many clips in one run: whatever stops it, the same command ends with the same files. */
@Timeout(600)
class BatchTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int NEVER = 2;
    private static final List<String> WORDS = List.of("red", "green", "blue", "white");

    @TempDir
    private Path folder;

    private Path list(String... lines) throws IOException {
        return Files.writeString(folder.resolve("jobs.jsonl"), String.join("\n", lines) + "\n");
    }

    private Path list(int steps) throws IOException {
        return list(WORDS.stream()
                .map(word -> "{\"id\": \"" + word + "\", \"prompt\": \"a " + word
                        + " circle\", \"seed\": 7, \"steps\": " + steps + ", \"policy\": \"every-2\"}")
                .toArray(String[]::new));
    }

    private String[] command(Path jobs, String out, String... more) {
        List<String> all = new ArrayList<>(List.of(
                "batch", "--jobs", jobs.toString(), "--out", out, "--latents", "--format", "mp4", "--zoom", "2"));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    /** What a reader of the folder sees, without times. */
    private static Map<String, Object> content(Path out) throws IOException {
        Map<String, Object> content = new TreeMap<>();
        try (Stream<Path> files = Files.list(out)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (name.endsWith(".json")) {
                    content.put(name, JSON.readTree(file.toFile()).get("latent").asText());
                } else {
                    content.put(name, java.util.HexFormat.of().formatHex(Files.readAllBytes(file)));
                }
            }
        }
        return content;
    }

    private static List<JsonNode> lines(String out) {
        return out.lines()
                .map(line -> {
                    try {
                        return JSON.readTree(line);
                    } catch (IOException e) {
                        throw new AssertionError(line, e);
                    }
                })
                .toList();
    }

    @Test
    void clipsAreMadeOnceAndOneThatDoesNotGoStopsNoOther() throws IOException {
        Path jobs = list(
                "{\"id\": \"one\", \"prompt\": \"a red circle\", \"steps\": 4, \"policy\": \"every-2\"}",
                "",
                "{\"id\": \"poison\", \"prompt\": \"a cathedral\", \"steps\": 4}",
                "{\"id\": \"nonsense\", \"prompt\": \"a red circle\", \"policy\": \"no-such-policy\"}",
                "{\"id\": \"two\", \"prompt\": \"a blue square\", \"steps\": 3, \"tier\": \"none\", \"frames\": 4}");
        Path out = folder.resolve("clips");
        CommandLineRunner first = CommandLineRunner.run(command(jobs, out.toString()));
        assertThat(first.exitCode()).as(first.err()).isEqualTo(NEVER);
        assertThat(lines(first.out()))
                .extracting(line -> line.get("status").asText())
                .containsExactly("done", "wrong", "wrong", "done");
        assertThat(lines(first.out()).get(1).get("reason").asText()).contains("cathedral");
        assertThat(lines(first.out()).get(3).get("computed").asInt()).isEqualTo(3);
        assertThat(content(out)).containsOnlyKeys("one.json", "one.mp4", "one.npy", "two.json", "two.mp4", "two.npy");

        CommandLineRunner again =
                CommandLineRunner.run(command(jobs, out.toUri().toString()));
        assertThat(lines(again.out()))
                .extracting(line -> line.get("status").asText())
                .containsExactly("skipped", "wrong", "wrong", "skipped");
        assertThat(again.err()).contains("0 made, 2 there before, 2 wrong, 0 failed");
    }

    @Test
    void aListThatIsHalfUnderstoodIsNotBegun() throws IOException {
        for (Map.Entry<String, String> wrong : Map.of(
                        "{\"id\": \"a/b\", \"prompt\": \"x\"}", "'id' names files",
                        "{\"id\": \"..\", \"prompt\": \"x\"}", "'id' names files",
                        "{\"id\": \"a\"}", "needs 'prompt' or 'conditioning'",
                        "{\"id\": \"a\", \"prompt\": \"x\", \"step\": 3}", "unknown field 'step'",
                        "{\"id\": \"a\", \"prompt\": \"x\", \"steps\": 0}", "'steps' is a whole number from 1",
                        "{\"id\": \"a\", \"prompt\": \"x\", \"seed\": 1.5}", "'seed' is a whole number",
                        "{\"id\": \"first\", \"prompt\": \"x\"}", "the id 'first' stands in line 1 already",
                        "not json", "is no JSON")
                .entrySet()) {
            Path jobs = list("{\"id\": \"first\", \"prompt\": \"a red circle\", \"steps\": 2}", wrong.getKey());
            CommandLineRunner run =
                    CommandLineRunner.run(command(jobs, folder.resolve("none").toString()));
            assertThat(run.exitCode()).as(wrong.getKey()).isEqualTo(NEVER);
            assertThat(run.err()).contains("line 2: ").contains(wrong.getValue());
            assertThat(folder.resolve("none")).doesNotExist();
        }
    }

    @Test
    void aPlaceThatJavaDoesNotKnowIsRefused() throws IOException {
        CommandLineRunner run = CommandLineRunner.run(command(list(2), "s3://bucket/clips"));
        assertThat(run.exitCode()).isEqualTo(NEVER);
        assertThat(run.err()).contains("Java knows no file system for s3://bucket/clips");
    }

    private Process start(Path jobs, Path out, Map<String, String> environment) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(List.of(command(jobs, out.toString())));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        return builder.redirectErrorStream(true)
                .redirectOutput(
                        folder.resolve("said-" + System.nanoTime() + ".txt").toFile())
                .start();
    }

    /** As Kubernetes starts the pods of docs/examples/kubernetes. */
    private static Map<String, String> shard(String index) {
        return Map.of("JOB_COMPLETION_INDEX", index, "ADACACHE_SHARDS", "2");
    }

    private static void awaitFile(Path file, Process process) {
        while (Files.notExists(file) && process.isAlive()) {
            Thread.onSpinWait();
        }
        assertThat(file).exists();
    }

    /** One run is told to stop, the next is killed, then two share what is left at the same time. */
    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void stoppedKilledAndSharedIsAsUndisturbed() throws Exception {
        Path jobs = list(40);
        Path undisturbed = folder.resolve("undisturbed");
        assertThat(CommandLineRunner.run(command(jobs, undisturbed.toString())).exitCode())
                .isZero();

        Path out = folder.resolve("disturbed");
        Process stopped = start(jobs, out, Map.of());
        awaitFile(out.resolve("red.json"), stopped);
        stopped.destroy();
        assertThat(stopped.waitFor()).isEqualTo(128 + 15);
        assertNothingIsHalf(out, undisturbed);

        Process killed = start(jobs, out, Map.of());
        awaitFile(out.resolve("green.json"), killed);
        killed.destroyForcibly();
        killed.waitFor();
        assertNothingIsHalf(out, undisturbed);

        Process even = start(jobs, out, shard("0"));
        Process odd = start(jobs, out, shard("1"));
        assertThat(even.waitFor()).isZero();
        assertThat(odd.waitFor()).isZero();
        CommandLineRunner last = CommandLineRunner.run(command(jobs, out.toString()));
        assertThat(last.exitCode()).isZero();
        assertThat(last.err()).contains("0 made, 4 there before");
        assertThat(content(out)).isEqualTo(content(undisturbed));
    }

    private static void assertNothingIsHalf(Path out, Path undisturbed) throws IOException {
        Map<String, Object> all = content(undisturbed);
        Map<String, Object> some = content(out);
        some.keySet().removeIf(name -> name.endsWith(".part"));
        assertThat(all).containsAllEntriesOf(some);
    }

    @Test
    void aFolderOfClipsIsShownAsAPage() throws IOException {
        Path out = folder.resolve("clips");
        CommandLineRunner made = CommandLineRunner.run(command(
                list("{\"id\": \"one\", \"prompt\": \"a red circle\", \"steps\": 2}"),
                out.toString(),
                "--format",
                "webp,gif"));
        assertThat(made.exitCode()).as(made.err()).isZero();
        CommandLineRunner page = CommandLineRunner.run("view", out.toString());
        assertThat(page.exitCode()).as(page.err()).isZero();
        assertThat(page.out()).startsWith("1 clips: file:/");
        assertThat(Files.readString(out.resolve("clips.html"), StandardCharsets.UTF_8))
                .contains("<video ", "data:video/mp4;base64,", "policy adacache-fast", "<b>one</b>")
                .doesNotContain("data:image/gif");
        CommandLineRunner empty = CommandLineRunner.run(
                "view", Files.createDirectory(folder.resolve("empty")).toString());
        assertThat(empty.exitCode()).isEqualTo(NEVER);
        assertThat(empty.err()).contains("There are no clips in");
    }
}
