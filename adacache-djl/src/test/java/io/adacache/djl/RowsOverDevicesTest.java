package io.adacache.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.adacache.CacheSession;
import io.adacache.djl.TorchScriptTransformer.Checks;
import io.adacache.djl.TorchScriptTransformer.Division;
import io.adacache.djl.instrument.InstrumentOptions;
import io.adacache.djl.instrument.Instrumenter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The rows of a batch over several members, here all on one CPU, against the same model alone. */
class RowsOverDevicesTest {
    @TempDir
    Path folder;

    private static TorchScriptTransformer load(Path file, int members) {
        return TorchScriptTransformer.load(
                file, Collections.nCopies(members, Device.cpu()), Division.ROWS, Checks.STRUCTURE);
    }

    private static void assertTheSame(Path file) {
        try (TorchScriptTransformer alone = TorchScriptTransformer.load(file, Device.cpu());
                TorchScriptTransformer two = load(file, 2);
                TorchScriptTransformer three = load(file, 3)) {
            for (String policy : SharedRun.POLICIES) {
                // As many rows as members, more, and fewer.
                for (int rows : List.of(2, 5, 1)) {
                    SharedRun expected = SharedRun.of(alone, policy, rows);
                    for (TorchScriptTransformer shared : List.of(two, three)) {
                        SharedRun.of(shared, policy, rows).assertSame(expected, 1e-5, rows + " rows, " + policy);
                        assertThat(shared.live()).as(policy).isZero();
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"open-sora-tiny.pt", "latte-class-tiny.pt", "joint-tiny.pt", "wan-i2v-tiny.pt", "small.pt"})
    void giveWhatOneDeviceGives(String file) {
        assertTheSame(TestModels.file(file));
    }

    /** What instrument writes has no methods for a part of the frames; rows need none. */
    @ParameterizedTest
    @ValueSource(strings = {"latte.pt", "joint-stream.pt"})
    void soDoInstrumentedFiles(String traced) throws IOException {
        Path out = folder.resolve("ada.pt");
        Path inputs = TestModels.traced(traced.replace(".pt", ".npz"));
        Instrumenter.instrument(
                TestModels.traced(traced),
                out,
                InstrumentOptions.builder().verifyInputs(inputs).build());
        assertTheSame(out);
    }

    @Test
    void nothingMovesButThePrediction() {
        try (TorchScriptTransformer model = load(TestModels.file("open-sora-tiny.pt"), 2);
                NDManager manager = model.newManager();
                CacheSession<NDArray> session = model.begin("every-2", SharedRun.STEPS)) {
            NDList inputs = TestModels.openSora(manager, 1, 500);
            long half = 4L * 8 * 8 * 8 * 8;
            for (int step = 1; step <= 3; step++) {
                session.step(inputs).close();
                assertThat(model.moved())
                        .containsEntry("prediction", step * half)
                        .containsEntry("switch", 0L)
                        .containsEntry("keys-and-values", 0L);
            }
        }
    }

    /** Guidance that is dropped in mid-run: what is kept goes, as on one device. */
    @Test
    void theNumberOfRowsMayChange() {
        List<float[]> alone;
        try (TorchScriptTransformer model = TestModels.load("open-sora-tiny.pt")) {
            alone = changing(model);
        }
        try (TorchScriptTransformer model = load(TestModels.file("open-sora-tiny.pt"), 2)) {
            List<float[]> shared = changing(model);
            for (int step = 0; step < alone.size(); step++) {
                assertThat(shared.get(step)).containsExactly(alone.get(step), offset(1e-5f));
            }
            assertThat(model.live()).isZero();
        }
    }

    private static List<float[]> changing(TorchScriptTransformer model) {
        try (NDManager manager = model.newManager();
                CacheSession<NDArray> session = model.begin("every-2", SharedRun.STEPS)) {
            return IntStream.range(0, SharedRun.STEPS)
                    .mapToObj(step -> session.step(SharedRun.inputs(model, manager, step < 4 ? 2 : 1, step))
                            .toFloatArray())
                    .toList();
        }
    }

    @Test
    void aWrongInputLeavesNothing() {
        try (TorchScriptTransformer model = load(TestModels.file("joint-tiny.pt"), 2);
                NDManager manager = model.newManager()) {
            NDList inputs = SharedRun.inputs(model, manager, 2, 0);
            inputs.remove(inputs.size() - 1);
            assertThatThrownBy(() -> model.predict(inputs)).isInstanceOf(IllegalArgumentException.class);
            assertThat(model.live()).isZero();
        }
    }

    /** As a model does that adds the branches of guidance itself. */
    @Test
    void aFileThatMixesRowsIsRefused() {
        Path file = Archives.rewrite(
                Archives.withoutDigest(TestModels.file("wan-tiny.pt"), folder.resolve("plain.pt")),
                folder.resolve("mixing.pt"),
                "/wan_transformer.py",
                code -> code.replaceFirst(
                        "(begin\\(hidden_states, torch.unsqueeze\\(timestep, 1\\), )encoder_hidden_states",
                        "$1torch.add(encoder_hidden_states, torch.flip(encoder_hidden_states, [0]))"));
        List<Device> two = List.of(Device.cpu(), Device.cpu());
        TorchScriptTransformer.load(file, two, Division.FRAMES, Checks.ALL).close();
        assertThatThrownBy(() -> TorchScriptTransformer.load(file, two, Division.ROWS, Checks.ALL))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("depends on other rows");
    }

    /** Open-Sora's mask has a line per prompt, and its frame rate one or a line per row: what is repeated for all rows is so for a part. */
    @ParameterizedTest
    @CsvSource({"1,1", "2,4", "4,2", "4,4"})
    void linesThatAreRepeatedForAllRows(long prompts, long conditions) {
        try (TorchScriptTransformer alone = TestModels.load("open-sora-tiny.pt");
                TorchScriptTransformer shared = load(TestModels.file("open-sora-tiny.pt"), 3);
                NDManager manager = alone.newManager()) {
            NDList inputs = SharedRun.inputs(alone, manager, 4, 3);
            Manifest manifest = alone.manifest();
            int text = Math.toIntExact(
                    inputs.get(manifest.indexOf("text")).getShape().get(2));
            NDArray mask = manager.ones(new Shape(prompts, text), DataType.INT64);
            mask.set(new NDIndex("{}, 2:", prompts - 1), 0);
            inputs.set(manifest.indexOf("text-mask"), mask);
            inputs.set(manifest.indexOf("fps"), manager.arange(8f, 8f + conditions));
            for (String role : List.of("pixel-height", "pixel-width")) {
                inputs.set(manifest.indexOf(role), manager.full(new Shape(conditions), 40f));
            }
            assertThat(shared.predict(inputs).toFloatArray())
                    .containsExactly(alone.predict(inputs).toFloatArray(), offset(1e-5f));
        }
    }

    @Test
    void filesWhoseRowsCannotBeToldApartAreRefused() {
        assertThatThrownBy(() -> load(TestModels.file("opaque.pt"), 2))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("opaque")
                .hasMessageContaining("instrument");
    }
}
