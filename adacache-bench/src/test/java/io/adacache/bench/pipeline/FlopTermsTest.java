package io.adacache.bench.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.adacache.bench.TestFiles;
import io.adacache.djl.Manifest;
import io.adacache.layout.ResidualKind;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the manifests of the published sizes say of operations, against the published numbers. */
class FlopTermsTest {
    private static Manifest published(String name) {
        return Manifest.read(TestFiles.model(name + "-xl.json"));
    }

    private static Map<String, Long> sizes(int batch, int frames, int height, int width, int text) {
        return Map.of(
                "batch", (long) batch,
                "frames", (long) frames,
                "height", (long) height,
                "width", (long) width,
                "text", (long) text);
    }

    /**
     * The paper's table 1 gives the operations of a whole generation: per call within 4 %. Its text lengths are not given; these are
     * the ones that fit.
     */
    @ParameterizedTest
    @CsvSource({
        "open-sora, 15, 60, 106, 20, 3230.24, 30",
        "open-sora-plan, 17, 64, 64, 300, 12032.40, 159",
        "latte, 16, 64, 64, 120, 3439.47, 50",
    })
    void operationsOfACallAreThoseOfThePaper(
            String name, int frames, int height, int width, int text, double total, int calls) {
        Manifest manifest = published(name);
        FlopTerms flops = new FlopTerms(manifest);
        Map<String, Long> sizes = sizes(2, frames, height, width, text);
        double sum = flops.of("embed", sizes) + flops.of("head", sizes);
        for (ResidualKind kind : ResidualKind.values()) {
            sum += manifest.layout().sitesOf(kind).size() * flops.of(kind.id(), sizes);
        }
        assertThat(sum / 1e12).isCloseTo(total / calls, within(0.04 * total / calls));
        assertThat(manifest.steps()).isEqualTo(calls);
    }

    @Test
    void operationsOfOneSiteByHand() {
        Map<String, Long> sizes = sizes(1, 2, 4, 6, 5);
        FlopTerms openSora = new FlopTerms(published("open-sora"));
        double tokens = 2 * 2 * 3;
        double projections = 4 * 2.0 * 1152 * 1152 * tokens;
        assertThat(openSora.of("temporal-attention", sizes)).isEqualTo(projections + 2 * 2.0 * 1152 * tokens * 2);
        assertThat(openSora.of("spatial-attention", sizes)).isEqualTo(projections + 2 * 2.0 * 1152 * tokens * 6);
        assertThat(openSora.of("joint-attention", sizes)).isZero();
    }
}
