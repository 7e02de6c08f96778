package io.adacache.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PaperTableTest {
    @TempDir
    Path folder;

    @Test
    void thePapersFiguresAlone() {
        CommandLineRunner ran = CommandLineRunner.run("paper-table", "1");
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.out())
                .contains("| AdaCache-fast | 79.39 | 24.92 | 0.0981 | 0.8375 | 24.16 | 2.24 |")
                .contains("| PAB-slow | 76.32 | 19.71 | 0.2699 | 0.7014 | - | 1.24 |")
                .contains("| ours: T-GATE (`tgate`) | not measured |");
        assertThat(CommandLineRunner.run("paper-table", "3").out())
                .contains("| medium | 83.94 | - | - | - | 143.87 | 2.92 |")
                .contains("| MLP | 83.62 |");
    }

    @Test
    void oursAreMarkedWithTheirModel() throws IOException {
        Path results = Files.writeString(folder.resolve("results.json"), """
                [{"policy": "adacache-fast", "psnr_db": 20, "ssim": 0.5, "lpips": null, "latency_ms": 500, "speedup": 2},
                 {"policy": "adacache-fast", "psnr_db": 30, "ssim": 0.7, "lpips": null, "latency_ms": 700, "speedup": 3},
                 {"policy": "adacache:metric=l2", "psnr_db": 10, "ssim": 0.1, "latency_ms": 1000, "speedup": 1}]
                """);
        Files.writeString(folder.resolve("about.json"), "{\"model\": \"tiny one\", \"machine\": \"this one\"}");
        CommandLineRunner ran = CommandLineRunner.run("paper-table", "1", "--results", results.toString());
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.out())
                .contains("measured on another model: tiny one")
                .contains(
                        "| ours: AdaCache-fast (`adacache-fast`) | not measured | 25.00 | not measured | 0.6000 | 0.60 | 2.50 |");
        assertThat(CommandLineRunner.run("paper-table", "3", "--results", results.toString())
                        .out())
                .contains("| ours: L2 (`adacache-fast:metric=l2`) | not measured | 10.00 |");
    }

    /** Of one dimension alone the score is that dimension, scaled by VBench's range for it. */
    @Test
    void vBenchFillsItsColumn() throws IOException {
        Path flicker = Files.writeString(folder.resolve("flicker.json"), """
                {"temporal_flickering": [0.81465, [{"video_path": "a.gif", "video_results": 0.81465}]]}
                """);
        Path rest = Files.writeString(folder.resolve("rest.json"), """
                {"subject_consistency": [1.0, []], "background_consistency": [1.0, []], "motion_smoothness": [0.9975, []],
                 "dynamic_degree": [0.0, []], "aesthetic_quality": [1.0, []], "imaging_quality": [1.0, []]}
                """);
        CommandLineRunner ran = CommandLineRunner.run(
                "paper-table",
                "3",
                "--vbench",
                "none=" + flicker,
                "--vbench",
                "adacache-fast:metric=l2=" + flicker,
                "--vbench",
                "adacache-fast:metric=l2=" + rest);
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.out())
                .contains("(`none`) | 50.00 (1 of 16 dimensions) | not measured")
                // Five ones, a half, and nothing with half a weight, over six and a half.
                .contains("ours: L2 (`adacache-fast:metric=l2`) | 84.62 (quality score) | not measured");
        Path meaning = Files.writeString(folder.resolve("meaning.json"), """
                {"object_class": [1, []], "multiple_objects": [1, []], "human_action": [1, []], "color": [1, []],
                 "spatial_relationship": [1, []], "scene": [0.8222, []], "appearance_style": [0.0009, []],
                 "temporal_style": [0.364, []], "overall_consistency": [0, []]}
                """);
        // Seven of nine for what is meant, a fifth of the total; 5.5 of 6.5 for quality, four fifths.
        String all = "adacache-fast=";
        assertThat(CommandLineRunner.run(
                                "paper-table",
                                "1",
                                "--vbench",
                                all + flicker,
                                "--vbench",
                                all + rest,
                                "--vbench",
                                all + meaning)
                        .out())
                .contains("ours: AdaCache-fast (`adacache-fast`) | 83.25 | not measured");
        assertThat(CommandLineRunner.run("paper-table", "1", "--vbench", "x=" + flicker, "--vbench", "x=" + flicker)
                        .err())
                .contains("as another file of the same policy does");
        Path other = Files.writeString(folder.resolve("other.json"), "{\"a\": 1}");
        assertThat(CommandLineRunner.run("paper-table", "1", "--vbench", "x=" + other)
                        .err())
                .contains("is no result file of VBench");
        assertThat(CommandLineRunner.run("paper-table", "1", "--vbench", "x").err())
                .contains("POLICY=FILE");
    }

    @Test
    void badInputIsOneClearLine() {
        CommandLineRunner ran = CommandLineRunner.run("paper-table", "2");
        assertThat(ran.err()).contains("Tables 1 and 3 of the paper are here, but not 2");
        assertThat(ran.exitCode()).isEqualTo(2);
        ran = CommandLineRunner.run("paper-table", "1", "--results", "nowhere.json");
        assertThat(ran.err()).contains("There is no file nowhere.json");
        assertThat(ran.exitCode()).isEqualTo(2);
    }
}
