package io.adacache.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Methods over their settings, small: one prompt, two seeds, two numbers of steps, with a perceptual distance. */
class CompareSweepTest {
    private static final int POLICIES = 14;

    @TempDir
    static Path folder;

    private static JsonNode results;

    @BeforeAll
    static void compare() throws IOException {
        CommandLineRunner ran = CommandLineRunner.run(
                "compare",
                "--prompt",
                "a red circle",
                "--seeds",
                "2",
                "--steps",
                "5,6",
                "--lpips",
                "src/test/resources/io/adacache/bench/quality/distance.pt",
                "--scorer",
                "brightness=src/test/resources/io/adacache/bench/quality/score.pt",
                "--policies",
                "even:3,even:4,fora-2,fora-3,taylorseer:interval=2,first=2,taylorseer:interval=3,first=2",
                "--policies",
                "table1",
                "--out",
                folder.toString());
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        results = new ObjectMapper().readTree(folder.resolve("results.json").toFile());
    }

    @Test
    void everyPolicyRunsOnceForEverySeedAndNumberOfSteps() {
        assertThat(results).hasSize(POLICIES * 4);
        assertThat(results.findValuesAsText("seed").stream().distinct()).containsExactly("1", "2");
        assertThat(results.findValuesAsText("steps").stream().distinct()).containsExactly("5", "6");
        assertThat(results.get(1).get("lpips").asDouble()).isPositive();
        assertThat(results.get(0).get("lpips").isNull()).isTrue();
        assertThat(results.get(0).path("scores").path("brightness").asDouble()).isBetween(-1.0, 1.0);
    }

    @Test
    void theReportHasACurvePerMethodAndSaysWhoIsAhead() throws IOException {
        String report = Files.readString(folder.resolve("report.html"));
        assertThat(report)
                .contains("a curve per method", "AdaCache against each method", "PSNR dB over speed-up, measured", "@6")
                .doesNotContain("<script", "http://", "https://", "NaN");
        String markdown = Files.readString(folder.resolve("results.md"));
        assertThat(markdown).contains("SSIM over fewer floating point operations", "| taylorseer @5 |");
    }

    @Test
    void clipsOfOneSettingPerMethodAreShown() throws IOException {
        try (var files = Files.list(folder.resolve("clips"))) {
            List<String> names = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("01-"))
                    .toList();
            assertThat(names).anyMatch(name -> name.endsWith("-none.gif"));
            assertThat(names).hasSizeLessThan(POLICIES + 1);
        }
    }

    @Test
    void theTableTakesTheseResults() {
        CommandLineRunner ran = CommandLineRunner.run(
                "paper-table", "1", "--results", folder.resolve("results.json").toString());
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.out())
                .contains("1,818,176 parameters")
                .doesNotContain("(`tgate`) | not measured | not measured |");
    }

    @Test
    void aSweepOfAdaCacheAloneHasNoHeadingOverNothing(@TempDir Path alone) throws IOException {
        List<String> settings = IntStream.rangeClosed(1, 13)
                .mapToObj(i -> "adacache:codebook=0.0" + (i + 10) + ":3;1:2")
                .toList();
        CommandLineRunner ran = CommandLineRunner.run(
                "compare",
                "--prompt",
                "a red circle",
                "--steps",
                "4",
                "--policies",
                "none," + String.join(",", settings),
                "--out",
                alone.toString());
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(Files.readString(alone.resolve("report.html")))
                .contains("a curve per method", "All settings")
                .doesNotContain("against each method");
    }
}
