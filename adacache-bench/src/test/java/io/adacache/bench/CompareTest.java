package io.adacache.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The main job, small: two prompts, three policies, four steps. */
class CompareTest {
    @TempDir
    static Path folder;

    private static CommandLineRunner ran;
    private static JsonNode results;

    @BeforeAll
    static void compare() throws IOException {
        ran = CommandLineRunner.run(
                "compare",
                "--prompt",
                "a red circle",
                "--prompt",
                "a small blue ring moving fast to the left",
                "--policies",
                "every:n=2,adacache-fast-moreg:motion-scale=0.1,motion-power=2",
                "--steps",
                "6",
                "--seed",
                "5",
                "--out",
                folder.toString());
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        results = new ObjectMapper().readTree(folder.resolve("results.json").toFile());
    }

    @Test
    void resultsHaveTheFieldsOfTheContract() {
        assertThat(results.isArray()).isTrue();
        assertThat(results).hasSize(6);
        for (JsonNode result : results) {
            List<String> names = new ArrayList<>();
            result.fieldNames().forEachRemaining(names::add);
            assertThat(names)
                    .containsExactly(
                            "policy",
                            "prompt",
                            "seed",
                            "steps",
                            "computed_steps",
                            "latency_ms",
                            "speedup",
                            "ideal_speedup",
                            "psnr_db",
                            "ssim",
                            "bytes_held",
                            "bytes_peak",
                            "computed_step_ms",
                            "reused_step_ms",
                            "setting",
                            "lpips",
                            "flops",
                            "flicker",
                            "motion",
                            "motion_kept",
                            "shown",
                            "scores");
        }
    }

    @Test
    void theUncachedClipIsTheReference() {
        JsonNode none = results.get(0);
        assertThat(none.get("policy").asText()).isEqualTo("none");
        assertThat(none.get("speedup").asDouble()).isEqualTo(1);
        assertThat(none.get("ideal_speedup").asDouble()).isEqualTo(1);
        assertThat(none.get("computed_steps").asInt()).isEqualTo(6);
        assertThat(none.get("bytes_held").asLong()).isZero();
        assertThat(none.get("psnr_db").isNull()).isTrue();
        assertThat(none.get("ssim").isNull()).isTrue();
        assertThat(none.get("reused_step_ms").isNull()).isTrue();
    }

    @Test
    void figuresFitTogether() {
        JsonNode every = results.get(1);
        assertThat(every.get("policy").asText()).isEqualTo("every:n=2");
        assertThat(every.get("seed").asLong()).isEqualTo(5);
        assertThat(results.get(4).get("seed").asLong()).isEqualTo(6);
        assertThat(every.get("computed_steps").asInt()).isEqualTo(4);
        assertThat(every.get("ideal_speedup").asDouble()).isEqualTo(1.5);
        assertThat(every.get("speedup").asDouble())
                .isEqualTo(results.get(0).get("latency_ms").asDouble()
                        / every.get("latency_ms").asDouble());
        assertThat(every.get("psnr_db").asDouble()).isBetween(5.0, 99.0);
        assertThat(every.get("ssim").asDouble()).isBetween(0.0, 1.0);
        assertThat(every.get("bytes_held").asLong()).isPositive();
        assertThat(every.get("bytes_peak").asLong())
                .isGreaterThan(every.get("bytes_held").asLong());
        assertThat(results.get(2).get("policy").asText())
                .isEqualTo("adacache-fast-moreg:motion-scale=0.1,motion-power=2");
    }

    @Test
    void theReportStandsAlone() throws IOException {
        String report = Files.readString(folder.resolve("report.html"));
        assertThat(report).doesNotContain("http://", "https://", "<script", "<link");
        assertThat(report.split("src=\"data:image/gif;base64,", -1)).hasSize(7);
        assertThat(report)
                .contains(
                        "a small blue ring moving fast to the left",
                        "motion score",
                        "cache rate",
                        "at peak",
                        "machine");
    }

    @Test
    void clipsAndTableAreThere() {
        Path clips = folder.resolve("clips");
        assertThat(clips.resolve("01-a-red-circle-none.gif")).isNotEmptyFile();
        assertThat(clips.resolve("01-a-red-circle-every-n-2.gif")).isNotEmptyFile();
        assertThat(clips.resolve("01-a-red-circle-sheet.png")).isNotEmptyFile();
        assertThat(ran.out()).contains("policy", "speed-up", "every:n=2", "report.html");
        assertThat(folder.resolve("unfinished")).as("all is written").doesNotExist();
    }

    @Test
    void settingAndWorkAreTold() {
        JsonNode none = results.get(0);
        JsonNode every = results.get(1);
        assertThat(none.get("setting").asText()).isEmpty();
        assertThat(every.get("setting").asText()).isEqualTo("n=2");
        assertThat(results.get(2).get("setting").asText()).contains("motion-scale=0.1", "motion-power=2");
        assertThat(every.get("lpips").isNull()).as("no network was given").isTrue();
        // Four of six steps are computed; embedding and head run in all of them.
        double share = every.get("flops").asDouble() / none.get("flops").asDouble();
        assertThat(share).isBetween(4.0 / 6, 0.7);
        assertThat(every.get("motion").asDouble()).isPositive();
        assertThat(every.get("flicker").asDouble()).isPositive();
        assertThat(none.get("motion_kept").isNull()).isTrue();
        assertThat(every.get("motion_kept").asDouble())
                .isEqualTo(every.get("motion").asDouble() / none.get("motion").asDouble());
        assertThat(ran.out()).contains("motion kept");
    }

    @Test
    void tablesForOtherProgramsAreThere() throws IOException {
        assertThat(Files.readAllLines(folder.resolve("results.csv")))
                .hasSize(7)
                .first()
                .asString()
                .startsWith("policy,prompt,seed")
                .endsWith("setting,lpips,flops,flicker,motion,motion_kept,shown");
        assertThat(Files.readString(folder.resolve("results.md")))
                .contains("| `every:n=2` | 4.0 |", "no network", "## How this was measured");
        assertThat(new ObjectMapper()
                        .readTree(folder.resolve("about.json").toFile())
                        .path("model")
                        .asText())
                .contains("open-sora");
    }
}
