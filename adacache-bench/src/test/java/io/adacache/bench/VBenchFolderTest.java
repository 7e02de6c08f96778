package io.adacache.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.adacache.bench.pipeline.Clip;
import io.adacache.bench.quality.Steadiness;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VBenchFolderTest {
    @TempDir
    Path folder;

    @Test
    void everyClipHasItsPrompt() throws IOException {
        CommandLineRunner ran = CommandLineRunner.run(
                "compare",
                "--model",
                "wan",
                "--prompt",
                "a red circle",
                "--prompt",
                "a blue ring",
                "--policies",
                "every-2",
                "--steps",
                "3",
                "--vbench",
                "--out",
                folder.toString());
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        for (String policy : new String[] {"none", "every-2"}) {
            JsonNode prompts = new ObjectMapper()
                    .readTree(
                            folder.resolve("vbench/" + policy + "-prompts.json").toFile());
            assertThat(prompts).hasSize(2);
            assertThat(prompts.path("0002-seed-2.gif").asText()).isEqualTo("a blue ring");
            assertThat(folder.resolve("vbench/" + policy + "/0002-seed-2.gif")).isNotEmptyFile();
            JsonNode flickering = new ObjectMapper()
                    .readTree(folder.resolve("vbench/" + policy + "-temporal_flickering.json")
                            .toFile())
                    .path("temporal_flickering");
            assertThat(flickering.path(0).asDouble()).isBetween(0.0, 1.0);
            assertThat(flickering.path(1)).hasSize(2);
        }
    }

    /** Three frames of one pixel: 0, 51 and 255 of 255 in red, nothing else moves. */
    @Test
    void temporalFlickeringByHand() {
        Clip clip = new Clip(3, 1, 1, new float[] {0, 0.2f, 1, 0, 0, 0, 1, 1, 1});
        assertThat(Steadiness.temporalFlickering(clip)).isCloseTo(1 - (51 + 204) / 6.0 / 255, within(1e-9));
    }
}
