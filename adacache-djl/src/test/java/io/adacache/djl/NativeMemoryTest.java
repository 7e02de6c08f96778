package io.adacache.djl;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.adacache.AdaCache;
import io.adacache.CacheSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Generations that end well or badly give native memory back. */
@EnabledOnOs(OS.LINUX)
class NativeMemoryTest {
    private static final int STEPS = 6;

    @Test
    void residentMemoryIsFlatOverTwoHundredGenerations() throws IOException {
        try (TorchScriptTransformer model = TestModels.load(TestModels.OPEN_SORA)) {
            for (int i = 0; i < 100; i++) {
                generation(model, i);
            }
            long before = residentKilobytes();
            for (int i = 0; i < 200; i++) {
                generation(model, i);
            }
            long after = residentKilobytes();
            assertThat(model.live()).isZero();
            assertThat((double) after / before).isLessThan(1.02);
        }
    }

    /** One generation of a kind that depends on the number: complete, abandoned, cancelled, failed. */
    private static void generation(TorchScriptTransformer model, int number) {
        int last = number % 4 == 1 ? STEPS / 2 : STEPS;
        try (NDManager manager = model.newManager();
                CacheSession<NDArray> session = model.begin(AdaCache.fast(), STEPS)) {
            for (int i = 0; i < last; i++) {
                NDList inputs = TestModels.openSora(manager, number, 900 - i);
                if (number % 4 == 2 && i == 3) {
                    session.cancel();
                }
                session.step(inputs).close();
            }
        } catch (CancellationException expected) {
            assertThat(number % 4).isEqualTo(2);
        }
    }

    private static long residentKilobytes() throws IOException {
        System.gc();
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }
}
