package io.adacache.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.adacache.CacheSession;
import io.adacache.djl.TorchScriptTransformer.Checks;
import io.adacache.djl.TorchScriptTransformer.Division;
import io.adacache.djl.instrument.InstrumentOptions;
import io.adacache.djl.instrument.InstrumentReport;
import io.adacache.djl.instrument.Instrumenter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The frames of what {@code instrument} writes over several members, here all on one CPU, against the same file alone. */
class FramesOfInstrumentedFilesTest {
    @TempDir
    Path folder;

    private Path instrumented(String traced) throws IOException {
        Path out = folder.resolve("ada.pt");
        InstrumentOptions.Builder options = InstrumentOptions.builder().overwrite(true);
        if (TestModels.class.getResource("/traced/" + traced + ".npz") != null) {
            options.verifyInputs(TestModels.traced(traced + ".npz"));
        }
        report = Instrumenter.instrument(TestModels.traced(traced + ".pt"), out, options.build());
        return out;
    }

    private InstrumentReport report;

    private static TorchScriptTransformer load(Path file, int members) {
        return TorchScriptTransformer.load(
                file, Collections.nCopies(members, Device.cpu()), Division.FRAMES, Checks.STRUCTURE);
    }

    /** Factorised attention, joint attention with text before or behind the video, one stream or two, tables with a line per frame. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "stdit",
                "stdit-mask",
                "latte",
                "joint-pair",
                "joint-stream",
                "joint-single",
                "variant-three-streams"
            })
    void giveWhatOneDeviceGives(String traced) throws IOException {
        Path file = instrumented(traced);
        assertThat(Manifest.read(file).contract()).isEqualTo(2);
        assertThat(report.notes()).anyMatch(note -> note.contains("can be divided among devices"));
        try (TorchScriptTransformer alone = load(file, 1)) {
            long frames = SharedRun.sizes(alone.manifest(), 2).get("frames");
            for (int members = 2; members <= Math.min(4, frames); members++) {
                try (TorchScriptTransformer shared = load(file, members)) {
                    for (String policy : SharedRun.POLICIES) {
                        SharedRun expected = SharedRun.of(alone, policy, 2);
                        SharedRun.of(shared, policy, 2).assertSame(expected, 1e-5, members + " members, " + policy);
                        assertThat(shared.live()).as(policy).isZero();
                    }
                }
            }
        }
    }

    /** What crosses is what the formulas of docs/several-devices.md say, and in a reused step the parts of the prediction. */
    @ParameterizedTest
    @CsvSource({"stdit, switch", "joint-stream, keys-and-values"})
    void aReusedStepMovesThePredictionAlone(String traced, String kind) throws IOException {
        try (TorchScriptTransformer model = load(instrumented(traced), 2);
                NDManager manager = model.newManager();
                CacheSession<NDArray> session = model.begin("every-2", SharedRun.STEPS)) {
            NDList inputs = SharedRun.inputs(model, manager, 2, 0);
            session.step(inputs).close();
            Map<String, Long> computed = model.moved();
            session.step(inputs).close();
            Map<String, Long> reused = model.moved();
            assertThat(computed.get(kind)).isPositive();
            assertThat(reused.get(kind)).isEqualTo(computed.get(kind));
            assertThat(reused.get("prediction")).isEqualTo(2 * computed.get("prediction"));
        }
    }

    /** The refusal says what instrument found. */
    @ParameterizedTest
    @CsvSource({
        "kind-packed, no dimension for frames",
        "scripted, site 0 mixes all tokens",
        "variant-a-first-frame-with-gates, differ from one device",
        "latte-class-tiny, fail for a part of the frames"
    })
    void whatCannotBeDividedSaysWhy(String traced, String reason) throws IOException {
        Path file = traced.equals("scripted") ? scripted() : instrumented(traced);
        assertThat(Manifest.read(file).contract()).isEqualTo(1);
        assertThat(report.notes()).anyMatch(note -> note.contains("cannot be divided") && note.contains(reason));
        assertThatThrownBy(() -> load(file, 2))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining(reason)
                .hasMessageContaining("Division.ROWS");
        load(file, 1).close();
    }

    private Path scripted() throws IOException {
        Path out = folder.resolve("ada.pt");
        report = Instrumenter.instrument(
                TestModels.traced("scripted.pt"),
                out,
                InstrumentOptions.builder()
                        .verifyInputs(TestModels.traced("tiny.npz"))
                        .build());
        return out;
    }

    @Test
    void aFileOfFewerFramesThanMembersIsRefusedInWords() throws IOException {
        try (TorchScriptTransformer model = load(instrumented("joint-pair"), 4);
                NDManager manager = model.newManager()) {
            NDList inputs = MadeUpInputs.of(model.manifest(), MadeUpInputs.small(model.manifest()), manager);
            assertThatThrownBy(() -> model.predict(inputs))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("Load the model on fewer devices");
            assertThat(model.live()).isZero();
        }
    }
}
