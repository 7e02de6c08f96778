package io.adacache.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.adacache.CacheSession;
import io.adacache.djl.TorchScriptTransformer.Checks;
import io.adacache.djl.TorchScriptTransformer.Division;
import io.adacache.djl.instrument.InstrumentOptions;
import io.adacache.djl.instrument.Instrumenter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One of two members fails in a call while the other succeeds: nothing stays, and the model goes on where it can. */
class FailingMemberTest {
    private static final List<Device> TWO = List.of(Device.cpu(), Device.cpu());

    @TempDir
    Path folder;

    private Path failing(String file, String code, String method, String when) {
        return failing(TestModels.file(file), code, method, when);
    }

    /** A copy whose method fails on what one of the members holds. */
    private Path failing(Path file, String code, String method, String when) {
        Pattern start = Pattern.compile("(?s)  def " + method + "\\(self: .*? -> .*?:\n");
        String fails =
                "    if " + when + ":\n      ops.prim.RaiseException(\"one member failed\")\n    else:\n      pass\n";
        return Archives.rewrite(
                Archives.withoutDigest(file, folder.resolve("plain.pt")),
                folder.resolve("failing.pt"),
                code,
                text -> start.matcher(text).replaceFirst(found -> Matcher.quoteReplacement(found.group() + fails)));
    }

    private static void assertNothingStays(Path file, Division division, int rows) {
        try (TorchScriptTransformer model = TorchScriptTransformer.load(file, TWO, division, Checks.STRUCTURE);
                NDManager manager = model.newManager()) {
            try (CacheSession<NDArray> session = model.begin("every-2", SharedRun.STEPS)) {
                assertThatThrownBy(() -> session.step(SharedRun.inputs(model, manager, rows, 0)))
                        .hasMessageContaining("one member failed");
                assertThatThrownBy(() -> session.step(SharedRun.inputs(model, manager, rows, 1)))
                        .isInstanceOf(IllegalStateException.class);
            }
            assertThat(model.live()).isZero();
            assertThat(model.held()).containsOnly(0L);
        }
    }

    /** Five frames of six tokens: the first member holds two frames. */
    @ParameterizedTest
    @ValueSource(strings = {"part", "share", "run_shared", "run", "head"})
    void ofFrames(String method) {
        String when = method.equals("part") ? "torch.gt(first, 0)" : "torch.eq(torch.size(hidden, 1), 12)";
        assertNothingStays(failing("wan-tiny.pt", "/wan_transformer.py", method, when), Division.FRAMES, 2);
    }

    /** Three rows: the first member holds one. */
    @ParameterizedTest
    @ValueSource(strings = {"embed", "run", "head"})
    void ofRows(String method) {
        String rows = method.equals("embed") ? "hidden_states" : "hidden";
        String when = "torch.eq(torch.size(" + rows + ", 0), 1)";
        assertNothingStays(failing("wan-tiny.pt", "/wan_transformer.py", method, when), Division.ROWS, 3);
    }

    /** The methods that {@code instrument} writes: the first member holds two of five frames. */
    @ParameterizedTest
    @CsvSource({"stdit,part", "stdit,run", "stdit,head", "joint-pair,share", "joint-pair,run_shared"})
    void ofFramesOfInstrumentedFiles(String traced, String method) throws IOException {
        Path out = folder.resolve("ada.pt");
        Instrumenter.instrument(TestModels.traced(traced + ".pt"), out, InstrumentOptions.ofDefaults());
        // The context's sizes begin with those of the latent: rows, channels and frames, or rows, frames and channels.
        int frames = Manifest.read(out).inputs().get(0).shape().indexOf("frames");
        String when = method.equals("part")
                ? "torch.gt(first, 0)"
                : "torch.eq(torch.size(context[0], " + (1 + frames) + "), 2)";
        assertNothingStays(failing(out, "/code/__torch__.py", method, when), Division.FRAMES, 2);
    }
}
