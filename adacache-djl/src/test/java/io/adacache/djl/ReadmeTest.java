package io.adacache.djl;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.adacache.CacheSession;
import io.adacache.CacheStats;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The example on the README's first screen: compiled and run here, and the same to the letter there. */
class ReadmeTest {
    private static final int STEPS = 30;
    private static final String MARK = "// README";

    /** Stands for a service's own sampler. */
    private record Step(double timestep) {
        NDList inputs(NDArray latents) {
            NDList inputs = TestModels.openSora(latents.getManager(), 1, timestep);
            inputs.set(0, latents);
            return inputs;
        }

        NDArray advance(NDArray latents, NDArray velocity) {
            return latents.add(velocity.get(":, :4").div(STEPS));
        }
    }

    @Test
    void exampleRuns() {
        Path file = TestModels.file(TestModels.OPEN_SORA);
        List<Step> sampler = List.of(new Step(900), new Step(600), new Step(300));
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            NDArray latents = TestModels.openSora(manager, 1, 900).get(0);
            CacheStats stats;
            // README
            try (TorchScriptTransformer dit = TorchScriptTransformer.load(file, Device.cpu());
                    CacheSession<NDArray> session = dit.begin("adacache-fast", STEPS)) {
                for (Step step : sampler) {
                    latents = step.advance(latents, session.step(step.inputs(latents)));
                }
                stats = session.stats();
            }
            // README
            assertThat(stats.steps()).isEqualTo(3);
        }
    }

    @Test
    void readmeShowsThisExample() throws IOException {
        Path root = Path.of("..").toAbsolutePath().normalize();
        String source = Files.readString(root.resolve("adacache-djl/src/test/java/io/adacache/djl/ReadmeTest.java"));
        String example = source.split("\n *" + MARK + "\n")[1].stripIndent().strip();
        assertThat(example.lines().count()).isBetween(5L, 9L);
        assertThat(Files.readString(root.resolve("README.md"))).contains(example);
    }
}
