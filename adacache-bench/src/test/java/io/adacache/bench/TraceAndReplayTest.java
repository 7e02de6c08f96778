package io.adacache.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.adacache.tune.Recording;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A recording of six steps of the demo model, and what is done with it. */
class TraceAndReplayTest {
    @TempDir
    static Path folder;

    private static Path trace;

    @BeforeAll
    static void record() {
        trace = folder.resolve("trace.json");
        CommandLineRunner ran = CommandLineRunner.run(
                "trace",
                "--prompt",
                "a red circle",
                "--steps",
                "6",
                "--policies",
                "adacache-fast-moreg,teacache,dbcache:first=1,easycache",
                "--probe",
                "residuals:3",
                "--metric",
                "cosine",
                "--out",
                trace.toString());
        assertThat(ran.exitCode()).as(ran.err()).isZero();
    }

    private static JsonNode json() throws IOException {
        return new ObjectMapper().readTree(trace.toFile());
    }

    @Test
    void everyPairOfStepsIsThere() throws IOException {
        JsonNode json = json();
        assertThat(json.path("steps").asInt()).isEqualTo(6);
        assertThat(json.path("timesteps")).hasSize(6);
        assertThat(json.at("/about/prompt").asText()).isEqualTo("a red circle");
        boolean asked = false;
        for (JsonNode series : json.path("distances")) {
            assertThat(series.path("entries")).hasSize(6 * 5 / 2);
            asked |= series.path("probe").asText().equals("residuals:3")
                    && series.path("metric").asText().equals("cosine");
        }
        assertThat(asked).isTrue();
        JsonNode first = json.at("/distances/0/entries/0");
        assertThat(first.path("now").asInt()).isEqualTo(2);
        assertThat(first.path("sums")).as("one row per guidance half").hasSize(2);
        assertThat(first.path("distance").asDouble()).isPositive();
        assertThat(json.path("motions").get(0).path("entries")).hasSize(6);
    }

    /** The library and the command read and write one format. */
    @Test
    void theLibraryReadsWhatTheCommandWroteAndTheOtherWayRound() throws IOException {
        Recording recording = Recording.load(trace);
        assertThat(recording.about()).containsEntry("prompt", "a red circle").containsEntry("seed", "1");
        assertThat(recording.json()).isEqualTo(Files.readString(trace));
        Path again = folder.resolve("again.json");
        recording.save(again);
        CommandLineRunner ran = CommandLineRunner.run("replay", "--recording", again.toString(), "--policy", "every-3");
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.out()).contains("prompt a red circle", "#..#.#");
    }

    @Test
    void replayShowsTheBestAndTheEvenScheduleBesideEachPolicy() throws IOException {
        Path json = folder.resolve("replay.json");
        CommandLineRunner ran = CommandLineRunner.run(
                "replay",
                "--trace",
                trace.toString(),
                "--policies",
                "every-3 adacache-fast teacache dbcache:first=1,warm-up=1,threshold=0.9",
                "--best",
                "4",
                "--json",
                json.toString());
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.out()).contains("#..#.#", "  best", "  even", "  fore", "proxy", "#++");
        assertThat(ran.out()).containsPattern("best for all: steps:computed=1(;\\d){3},forecast=1");
        JsonNode all = new ObjectMapper().readTree(json.toFile());
        assertThat(all).hasSize(5);
        JsonNode every = all.get(1);
        assertThat(every.path("computed")).hasSize(3);
        assertThat(every.path("best_cost").asDouble())
                .isPositive()
                .isLessThanOrEqualTo(every.path("cost").asDouble())
                .isLessThanOrEqualTo(every.path("even_cost").asDouble());
        assertThat(every.path("planned")).hasSize(3);
        assertThat(every.path("planned_forecast_cost").asDouble()).isPositive();
        assertThat(all.get(4).has("cost")).as("partial steps have no cost").isFalse();
    }

    @Test
    void replayNamesWhatIsMissing() {
        CommandLineRunner ran =
                CommandLineRunner.run("replay", "--trace", trace.toString(), "--policy", "adacache:location=start");
        assertThat(ran.err()).contains("This recording lacks the l1 distance of residuals:");
        assertThat(ran.exitCode()).isEqualTo(2);
        ran = CommandLineRunner.run("replay", "--trace", "nowhere.json", "--policy", "every-2");
        assertThat(ran.err()).contains("There is no recording nowhere.json");
        assertThat(ran.exitCode()).isEqualTo(2);
    }

    @Test
    void fitsAreSettings() throws IOException {
        Path out = folder.resolve("fit.json");
        CommandLineRunner ran = CommandLineRunner.run(
                "fit-teacache", "--trace", trace.toString(), "--degree", "1", "--out", out.toString());
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        String polynomial = new ObjectMapper()
                .readTree(out.toFile())
                .at("/policies/teacache/polynomial")
                .asText();
        assertThat(polynomial.split(";")).hasSize(2);
        assertThat(ran.out()).contains("teacache:polynomial=" + polynomial);
        assertThat(CommandLineRunner.run(
                                "replay",
                                "--trace",
                                trace.toString(),
                                "--policy",
                                "teacache:threshold=0.1,polynomial=" + polynomial)
                        .exitCode())
                .isZero();

        ran = CommandLineRunner.run("fit-magcache", "--trace", trace.toString(), "--out", out.toString());
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        String ratios = new ObjectMapper()
                .readTree(out.toFile())
                .at("/policies/magcache/ratios")
                .asText();
        assertThat(ratios.split(";")).hasSize(5);
        assertThat(CommandLineRunner.run(
                                "schedule", "--steps", "6", "--policy", "magcache:retention=0,ratios=" + ratios)
                        .exitCode())
                .isZero();
    }

    @Test
    void fitsGenerateWhereNoRecordingIsGiven() throws IOException {
        Path prompts = Files.writeString(folder.resolve("prompts.txt"), "a small blue ring\n");
        CommandLineRunner ran = CommandLineRunner.run("fit-magcache", "--steps", "4", "--prompts", prompts.toString());
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.out()).contains("mean over 1 generations of 4 steps");
    }
}
