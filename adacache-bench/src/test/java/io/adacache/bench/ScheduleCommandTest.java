package io.adacache.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Schedules without a model, against what the published rules give by hand. */
class ScheduleCommandTest {
    private static final int STEPS = 30;

    @TempDir
    Path folder;

    private JsonNode schedule(String... arguments) throws IOException {
        Path json = folder.resolve("schedule.json");
        List<String> all = new ArrayList<>(List.of("schedule", "--json", json.toString()));
        all.addAll(List.of(arguments));
        CommandLineRunner ran = CommandLineRunner.run(all.toArray(String[]::new));
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        return new ObjectMapper().readTree(json.toFile());
    }

    private String file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text).toString();
    }

    /** Open-Sora's timesteps at 480 x 854 and 51 frames, one per line. */
    private String openSora() throws IOException {
        double ratio = Math.sqrt(480.0 * 854 / (512 * 512)) * Math.sqrt(15);
        return file(
                "timesteps.txt",
                IntStream.range(0, STEPS)
                        .mapToDouble(i -> 1 - (double) i / STEPS)
                        .map(t -> ratio * t / (1 + (ratio - 1) * t) * 1000)
                        .mapToObj(Double::toString)
                        .collect(Collectors.joining("\n")));
    }

    private static List<Integer> ints(JsonNode node) {
        List<Integer> ints = new ArrayList<>();
        node.forEach(element -> ints.add(element.asInt()));
        return ints;
    }

    private static List<Integer> oneAfter(Integer... indices) {
        return List.of(indices).stream().map(index -> index + 1).toList();
    }

    @Test
    void pabOnOpenSora() throws IOException {
        JsonNode pab = schedule("--policy", "pab", "--timesteps", openSora());
        assertThat(ints(pab.at("/reused_by_kind/spatial-attention")))
                .isEqualTo(oneAfter(9, 11, 13, 15, 17, 19, 21, 23, 25));
        assertThat(ints(pab.at("/reused_by_kind/temporal-attention")))
                .isEqualTo(oneAfter(9, 10, 11, 13, 14, 15, 17, 18, 19, 21, 22, 23, 25));
        assertThat(ints(pab.at("/reused_by_kind/cross-attention")))
                .isEqualTo(oneAfter(9, 10, 11, 13, 14, 15, 16, 17, 19, 20, 21, 22, 23, 25));
        assertThat(ints(pab.at("/reused_by_kind/mlp"))).isEqualTo(oneAfter(14, 15, 18, 19, 22, 23));
        JsonNode step = pab.path("per_step").get(14);
        assertThat(step.path("state").asText()).isEqualTo("partial");
        assertThat(ints(step.at("/reused/mlp"))).isEqualTo(List.of(0, 1, 2, 3, 4));
        assertThat(step.at("/reused/cross-attention").asText()).isEqualTo("all");
        assertThat(step.at("/computed/spatial-attention").asText()).isEqualTo("all");
        assertThat(ints(pab.path("reused"))).isEmpty();
        assertThat(ints(pab.path("partial"))).hasSize(15);
    }

    @Test
    void tGateNeedsNoTimesteps() throws IOException {
        JsonNode tgate = schedule("--policy", "tgate:gate=10,interval=5", "--steps", "25");
        assertThat(ints(tgate.at("/reused_by_kind/cross-attention")))
                .isEqualTo(IntStream.range(10, 25).map(s -> s + 1).boxed().toList());
        assertThat(ints(tgate.at("/reused_by_kind/spatial-attention"))).isEqualTo(oneAfter(3, 4, 6, 7, 8));
    }

    @Test
    void teaCacheAddsUpItsPolynomial() throws IOException {
        String measures = file("m.json", "[null, 0.3, 0.3, 0.3, 0.9, 0.3, 0.3, 0.3]");
        JsonNode tea =
                schedule("--policy", "teacache:threshold=1,polynomial=1;0;0.3", "--steps", "8", "--measures", measures);
        // P(0.3) = 0.39, P(0.9) = 1.11: sums 0.39, 0.78, 1.17, 1.11, 0.39, 0.78; the last step computes.
        assertThat(ints(tea.path("computed"))).containsExactly(1, 4, 5, 8);
        assertThat(ints(tea.path("reused"))).containsExactly(2, 3, 6, 7);
    }

    @Test
    void measuresMayBeginAtTheSecondStep() throws IOException {
        String measures = file("m.json", "{\"modulated:0\": [0.3, 0.3, 0.3, 0.9, 0.3, 0.3, 0.3]}");
        JsonNode tea =
                schedule("--policy", "teacache:threshold=1,polynomial=1;0;0.3", "--steps", "8", "--measures", measures);
        assertThat(ints(tea.path("computed"))).containsExactly(1, 4, 5, 8);
    }

    @Test
    void magCacheMeasuresNothing() throws IOException {
        String ratios = DoubleStream.generate(() -> 0.9)
                .limit(9)
                .mapToObj(Double::toString)
                .collect(Collectors.joining(";"));
        JsonNode mag = schedule("--policy", "magcache:threshold=0.25,retention=0.2,ratios=" + ratios, "--steps", "10");
        // From step 3 (index 2) on: errors 0.1, then 0.1 + 0.19 = 0.29, which is over: compute, begin anew.
        assertThat(ints(mag.path("reused"))).containsExactly(3, 5, 7, 9);
    }

    @Test
    void dbCacheLooksAtItsFirstBlocks() throws IOException {
        String measures = file("m.json", "[0, 0.01, 0.01, 0.09, 0.07, 0.01, 0.01, 0.01]");
        JsonNode db = schedule(
                "--policy",
                "dbcache:first=8,warm-up=2,threshold=0.08,max-in-row=2",
                "--steps",
                "8",
                "--measures",
                measures);
        // 1 and 2 warm up; 3 is reused; 4 is over the threshold; 5, 6 are reused; 7 is one too many in a row; 8 is
        // reused.
        assertThat(ints(db.path("computed"))).containsExactly(1, 2, 4, 7);
        assertThat(ints(db.path("partial"))).containsExactly(3, 5, 6, 8);
        assertThat(ints(db.at("/per_step/2/computed/mlp"))).containsExactly(0, 1, 2, 3);
    }

    @Test
    void adaCacheDividesByTheGap() throws IOException {
        String measures = file("m.json", "[0, 0.05, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3]");
        JsonNode ada = schedule(
                "--policy",
                "adacache-fast:codebook=0.08:6;0.16:5;0.24:4;0.32:3;0.4:2;1:1",
                "--steps",
                "12",
                "--measures",
                measures);
        // 0.05 at step 2: rate 6; 0.3 / 6 = 0.05 at step 8: rate 6 again; 11 and 12 are forced.
        assertThat(ints(ada.path("computed"))).containsExactly(1, 2, 8, 11, 12);
    }

    @Test
    void textAndOtherLayouts() throws IOException {
        CommandLineRunner ran = CommandLineRunner.run(
                "schedule",
                "--policy",
                "every-2",
                "--policy",
                "delta-dit:gate=2,front=1",
                "--steps",
                "4",
                "--layout",
                "latte:2");
        assertThat(ran.out())
                .contains("computed 3 of 4 (1, 3, 4), reused 1, partial 0")
                .contains("4  partial   ");
        ran = CommandLineRunner.run(
                "schedule",
                "--policy",
                "easycache",
                "--steps",
                "4",
                "--layout",
                "opaque",
                "--measures",
                file("m.json", "[0.1, 0.1, 0.1, 0.1]"),
                "--json");
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(new ObjectMapper().readTree(ran.out()).path("sites").asInt()).isZero();
        ran = CommandLineRunner.run(
                "schedule", "--policy", "fora-2", "--steps", "4", "--model", TestFiles.OPEN_SORA.toString());
        assertThat(ran.out()).contains("computed 2 of 4 (1, 3), reused 2");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--policy pab --steps 30 | none were announced",
                "--policy every-2 --timesteps nothing.txt | There is no file nothing.txt",
                "--policy every-2 --steps 0 | a generation has one step or more",
                "--policy teacache --steps 5 | The policy measures 'modulated:0' in step 2",
                "--policy every-2 --layout ocean:3 | Unknown layout 'ocean:3'",
                "--policy every-2 --layout latte:0 | Unknown layout 'latte:0'"
            })
    void badInputIsOneClearLine(String arguments, String message) {
        CommandLineRunner ran = CommandLineRunner.run(("schedule " + arguments).split(" "));
        assertThat(ran.err().lines().filter(line -> line.startsWith("error: ")))
                .singleElement()
                .asString()
                .contains(message);
        assertThat(ran.exitCode()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1000 900 x | 'x', which is no timestep",
                "[1000, 900] | holds 2 timesteps",
                "{\"a\": 1} | array of numbers",
                "[1000, \"x\", 1] | no number"
            })
    void badTimesteps(String text, String message) throws IOException {
        CommandLineRunner ran = CommandLineRunner.run(
                "schedule", "--policy", "every-2", "--steps", "3", "--timesteps", file("t.json", text));
        assertThat(ran.err()).contains(message);
        assertThat(ran.exitCode()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[1 | is no JSON",
                "3 | neither a JSON array nor",
                "[1] | has 1 numbers, but there are 3 steps",
                "{\"nowhere\": [1, 2, 3]} | 'nowhere' is no probe"
            })
    void badMeasures(String text, String message) throws IOException {
        CommandLineRunner ran = CommandLineRunner.run(
                "schedule", "--policy", "teacache", "--steps", "3", "--measures", file("m.json", text));
        assertThat(ran.err()).contains(message);
        assertThat(ran.exitCode()).isEqualTo(2);
    }
}
