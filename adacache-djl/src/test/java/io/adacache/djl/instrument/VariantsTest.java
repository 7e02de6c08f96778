package io.adacache.djl.instrument;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.adacache.CacheSession;
import io.adacache.djl.Manifest;
import io.adacache.djl.TorchScriptTransformer;
import io.adacache.djl.instrument.graph.Remedy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The kinds of dataflow that {@link InstrumenterTest} knows, in other spellings (traced_variants.py). */
class VariantsTest {
    @TempDir
    Path folder;

    private InstrumentReport instrument(String name) throws IOException {
        InstrumentOptions.Builder options = InstrumentOptions.builder().overwrite(true);
        Path file = TracedFiles.file("variant-" + name + ".pt");
        Path inputs = file.resolveSibling("variant-" + name + ".npz");
        if (Files.exists(inputs)) {
            options.verifyInputs(inputs);
        }
        return Instrumenter.instrument(file, folder.resolve("out.pt"), options.build());
    }

    private static String kinds(InstrumentReport report) {
        return report.spine().sites().stream()
                .map(found -> found.site().kind().id().replace("-attention", ""))
                .collect(Collectors.joining(" "));
    }

    /** As many sites as the model's code has residual additions, of the right kinds, all of them inside. */
    @ParameterizedTest
    @CsvSource({
        "turned-copied, joint mlp joint mlp",
        "turned-every-other, joint mlp joint mlp",
        "shared-memory, joint mlp joint mlp",
        "sum-alpha-in-place, joint mlp joint mlp",
        "sum-addcmul-in-place, joint mlp joint mlp",
        "sum-subtracted, joint mlp joint mlp",
        "sum-in-double, joint mlp joint mlp",
        "parallel-in-brackets, joint joint",
        "lends-in-a-frozen-file, joint mlp",
        "join-negative, joint mlp joint mlp",
        "join-narrow, joint mlp joint mlp",
        "join-chunk, joint mlp joint mlp",
        "three-streams, joint mlp joint mlp",
        "three-widths, joint joint",
        "two-refiners, joint mlp joint mlp",
        "a-term-on-a-part, joint mlp position joint mlp",
        "packed-with-reference, joint mlp joint mlp",
        "packed-with-places, joint mlp joint mlp",
        "a-first-frame-with-gates, joint mlp joint mlp",
        "a-branch-of-control, joint mlp joint joint mlp",
        "three-parts-with-gates, joint mlp joint mlp",
        "channels-exchanged, joint mlp joint mlp joint mlp",
        "samples-into-memory, joint mlp joint mlp joint mlp",
        "samples-by-stack, joint mlp joint mlp joint mlp",
        "samples-by-padding, joint mlp joint mlp joint mlp",
        "a-list-of-samples, joint mlp joint mlp",
        "padded-samples, joint mlp joint mlp",
        "modulation-by-sums, joint mlp joint mlp",
        "a-time-for-each-frame, joint mlp joint mlp",
        "a-skip-around-all, joint mlp",
        "registers-in-memory, joint mlp joint mlp",
        "a-part-looks-at-the-rest, joint joint mlp joint joint mlp",
        "experts-by-index, joint mlp joint mlp",
        "two-streams-then-one, joint mlp joint mlp joint joint",
        "shifted-windows, spatial mlp spatial mlp",
        "a-stream-of-two-dimensions, joint mlp joint mlp",
        "scripted-pairs-and-lists, joint mlp joint mlp",
        "fused-products, joint mlp joint mlp",
        "norm-over-all, joint mlp",
        "scripted-own-names, joint mlp",
        "scripted-modes, joint mlp",
        "scripted-optional, joint cross mlp",
        "scripted-flags-frozen, joint mlp cross mlp joint mlp cross mlp"
    })
    void findsEveryResidual(String name, String expected) throws IOException {
        InstrumentReport report = instrument(name);
        assertThat(kinds(report)).isEqualTo(expected);
        assertThat(report.spine().outside()).isEmpty();
        assertThat(report.share().additions()).isEqualTo(report.share().allAdditions());
        assertThat(Instrumenter.explain(TracedFiles.file("variant-" + name + ".pt"))
                        .sites())
                .hasSameSizeAs(report.spine().sites());
    }

    @ParameterizedTest
    @CsvSource({
        "skips-by-sums, reads the hidden state of an earlier one",
        "skip-at-the-end, joins the channels of the hidden state",
        "channels-first, 'trace a wrapper whose blocks take [batch, tokens, channels]'",
        "a-list-of-predictions, torch.stack of the list",
        "a-latent-without-batch, samples by unbind"
    })
    void whatIsNoStreamIsRefusedByName(String name, String reason) {
        assertThatThrownBy(() -> instrument(name))
                .isInstanceOf(InstrumentException.class)
                .hasMessageContaining(reason)
                .satisfies(e -> assertThat(Remedy.values())
                        .anyMatch(remedy -> String.valueOf(e.getMessage()).endsWith(remedy.behind(""))));
        assertThat(folder).isEmptyDirectory();
    }

    /** What a refusal advises at least works on every file that forward can run. */
    @ParameterizedTest
    @ValueSource(strings = {"skips-by-sums", "skip-at-the-end"})
    void aRefusedFileWorksWithWholeCallPolicies(String name) throws IOException {
        assertThatThrownBy(() -> instrument(name))
                .hasMessageContaining("works with whole-call policies (load it and choose easycache)");
        try (TorchScriptTransformer model =
                        TorchScriptTransformer.load(TracedFiles.file("variant-" + name + ".pt"), Device.cpu());
                NDManager manager = model.newManager();
                CacheSession<NDArray> session = model.begin(model.policy("easycache", 10), 10)) {
            for (int step = 0; step < 10; step++) {
                NDArray latent = manager.ones(new Shape(2, 2, 2, 4, 6)).mul(1 + 0.001f * step);
                NDArray time = manager.ones(new Shape(2)).mul(1 - 0.05f * step);
                assertThat(session.step(new NDList(latent, time)).getShape()).isEqualTo(latent.getShape());
            }
            assertThat(session.stats().reusedSteps()).isPositive();
        }
    }

    /** Their number stands in the written methods, so another length of what lies there would shift the latent's tokens. */
    @Test
    void whatLiesBehindTheTokensIsFixed() throws IOException {
        InstrumentReport report = instrument("packed-with-reference");
        assertThat(report.fixed()).containsEntry("text", 4);
        assertThat(report.dynamic()).contains("batch", "height");
    }

    @Test
    void coordinatesTellTheFramesOfPackedTokens() throws IOException {
        InstrumentReport report = instrument("packed-with-places");
        assertThat(report.notes()).anyMatch(note -> note.contains("input places tells"));
        assertThat(Manifest.read(folder.resolve("out.pt")).sizes()).containsEntry("frames", 2);
    }
}
