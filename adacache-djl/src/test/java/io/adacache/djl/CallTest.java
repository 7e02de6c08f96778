package io.adacache.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.TranslateException;
import ai.djl.util.passthrough.PassthroughNDManager;
import io.adacache.CacheSession;
import io.adacache.Policies;
import io.adacache.event.CacheListener;
import io.adacache.event.CacheListener.SessionInfo;
import io.adacache.event.Trace.StepRecord;
import io.adacache.layout.TokenGrid;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes into a call and what comes out of it: checked before it is believed, and owned by somebody whatever happens. */
class CallTest {
    @TempDir
    Path folder;

    private NDManager manager;

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
    }

    @AfterEach
    void close() {
        manager.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {TestModels.OPEN_SORA, TestModels.SMALL, TestModels.OPAQUE})
    void anInputThatNoModelTakesIsNamedAndTheSessionGoesOn(String file) {
        try (TorchScriptTransformer model = TestModels.load(file);
                CacheSession<NDArray> session = model.begin(Policies.none(), 20)) {
            int last = TestModels.inputs(file, manager, 1).size() - 1;
            for (int index : new int[] {0, last}) {
                NDArray closed = manager.create(1f);
                closed.close();
                refused(session, file, index, closed, "is closed");
                refused(session, file, index, null, "is null");
                refused(session, file, index, manager.create(new String[] {"a"}), "holds text");
                refused(session, file, index, PassthroughNDManager.INSTANCE.create(1f), "another engine");
                refused(session, file, index, sparse(), "is sparse");
                session.step(TestModels.inputs(file, manager, 2)).close();
            }
            assertThatThrownBy(() -> session.step(new NDList()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("needs inputs");
            assertThatThrownBy(() -> session.step((List<NDArray>) null))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("null");
            session.step(TestModels.inputs(file, manager, 3)).close();
            assertThat(session.stats().steps()).isEqualTo(3);
        }
    }

    private NDArray sparse() {
        return manager.createCoo(
                java.nio.FloatBuffer.wrap(new float[] {1, 2}), new long[][] {{0, 1}, {0, 1}}, new Shape(2, 2));
    }

    private void refused(CacheSession<NDArray> session, String file, int index, NDArray bad, String message) {
        NDList inputs = TestModels.inputs(file, manager, 1);
        String name = file.equals(TestModels.OPAQUE)
                ? "Input " + (index + 1)
                : "Input '"
                        + Manifest.read(TestModels.file(file))
                                .inputs()
                                .get(index)
                                .name() + "'";
        inputs.set(index, bad);
        assertThatThrownBy(() -> session.step(inputs))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(name)
                .hasMessageContaining(message);
    }

    @Test
    void anOpaqueCallOfAnotherSizeIsNoticed() {
        try (TorchScriptTransformer model = TestModels.load(TestModels.OPAQUE)) {
            TokenGrid grid = model.check(TestModels.opaque(manager, 1, 2, 4, 3, 4, 4));
            assertThat(grid).isEqualTo(model.check(TestModels.opaque(manager, 2, 2, 4, 3, 4, 4)));
            assertThat(grid).isNotEqualTo(model.check(TestModels.opaque(manager, 1, 1, 4, 3, 4, 4)));
            assertThat(grid).isNotEqualTo(model.check(TestModels.opaque(manager, 1, 2, 4, 3, 8, 4)));
            assertThat(grid.rows()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {TestModels.OPEN_SORA, TestModels.SMALL})
    void guidanceInTwoCallsWithoutNamesIsNoticedAtOnce(String file) {
        try (TorchScriptTransformer model = TestModels.load(file);
                CacheSession<NDArray> session = model.begin("every-2", 6)) {
            NDList inputs = TestModels.inputs(file, manager, 1);
            session.step(inputs);
            assertThat(session.stats().warnings()).isEmpty();
            session.step(inputs);
            assertThat(session.stats().warnings())
                    .anySatisfy(warning -> assertThat(warning).contains("same noise level", "unconditional"));
        }
    }

    @Test
    void namedBranchesAreCalledByTheirNames() {
        try (TorchScriptTransformer model = TestModels.load(TestModels.OPEN_SORA);
                CacheSession<NDArray> session = model.begin("every-2", 6, "conditional", "unconditional")) {
            NDList inputs = TestModels.inputs(TestModels.OPEN_SORA, manager, 1);
            session.step("conditional", inputs);
            session.step("unconditional", inputs);
            assertThat(session.stats().steps()).isEqualTo(1);
            assertThat(session.stats().warnings()).isEmpty();
            assertThatThrownBy(() -> session.step(inputs)).hasMessageContaining("say which one");
        }
    }

    @Test
    void severalItemsDoNotShareAGeneration() throws TranslateException {
        try (TorchScriptTransformer model = TestModels.load(TestModels.OPAQUE);
                CachingPredictor predictor = model.newPredictor()) {
            NDList a = TestModels.inputs(TestModels.OPAQUE, manager, 1);
            NDList b = TestModels.inputs(TestModels.OPAQUE, manager, 2);
            List<NDList> alone = predictor.batchPredict(List.of(a, b));
            assertThat(alone.get(0).get(0)).isNotEqualTo(alone.get(1).get(0));
            try (CacheSession<NDArray> generation = predictor.begin(Policies.parse("every-2"), 4)) {
                assertThatThrownBy(() -> predictor.batchPredict(List.of(a, b)))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("one item per call, but got 2");
                assertThat(predictor.batchPredict(List.of(a)).get(0).get(0))
                        .isEqualTo(alone.get(0).get(0));
                assertThat(generation.stats().steps()).isEqualTo(1);
            }
        }
    }

    @Test
    void aPredictionIsTheCallersOrFreed() {
        try (TorchScriptTransformer model = TestModels.load(TestModels.SMALL)) {
            NDManager request = model.newManager();
            CacheListener closing = new CacheListener() {
                @Override
                public void onStep(SessionInfo session, StepRecord record) {
                    request.close();
                }
            };
            try (CacheSession<NDArray> session = model.session()
                    .policy(Policies.parse("every-2"))
                    .steps(4)
                    .listener(closing)
                    .begin()) {
                assertThatThrownBy(() -> session.step(TestModels.inputs(TestModels.SMALL, request, 1)))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("manager of the first input was closed");
                assertThat(model.live()).isZero();
            }
        }
    }

    @Test
    void aClosedModelHasOneAnswer() {
        TorchScriptTransformer model = TestModels.load(TestModels.SMALL);
        NDList inputs = TestModels.inputs(TestModels.SMALL, manager, 1);
        NDArray kept = model.predict(inputs);
        CachingPredictor predictor = model.newPredictor();
        model.close();
        String answer = "The model small.pt is closed; load it again";
        assertThatThrownBy(() -> model.predict(inputs))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(answer);
        assertThatThrownBy(() -> model.forward(inputs))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(answer);
        assertThatThrownBy(() -> model.embed(inputs))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(answer);
        assertThatThrownBy(() -> model.ops().copy(kept))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(answer);
        assertThatThrownBy(() -> model.begin(Policies.none(), 2))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(answer);
        assertThatThrownBy(model::newPredictor)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(answer);
        assertThatThrownBy(() -> predictor.predict(inputs))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(answer);
        assertThat(kept.toFloatArray()).hasSize(2 * 4 * 3 * 4 * 4);
        assertThatCode(predictor::close).doesNotThrowAnyException();
    }

    @Test
    void aTupleOfOneIsNoEmbedding() {
        Path file = WrongFiles.embed(folder.resolve("one.pt"), "Tuple[Tensor]", "    return (hidden,)\n");
        assertWrong(file, "'embed' returned (Tensor)", "a tensor and a list of tensors");
    }

    @Test
    void aHiddenStateOfAnotherSize() {
        Path file = WrongFiles.embed(
                folder.resolve("hidden.pt"),
                "Tuple[Tensor, List[Tensor]]",
                "    return (torch.slice(hidden, 1, 1), context)\n");
        assertWrong(file, "'embed' returned a hidden state of shape (2, 47, 8)", "(2, 48, 8)");
    }

    @Test
    void aResidualTooFew() {
        Path file = WrongFiles.run(folder.resolve("run.pt"), "List[Tensor]", "    return annotate(List[Tensor], [])\n");
        assertWrong(file, "'run' returned 0 tensors", "1 are expected");
    }

    @Test
    void aPredictionOfWholeNumbers() {
        Path file = WrongFiles.head(folder.resolve("head.pt"), "Tensor", "    return torch.to(out, 4)\n");
        assertWrong(file, "'head' returned a tensor of shape (2, 4, 3, 4, 4), int64", "floating point");
    }

    @Test
    void aPlainPredictionOfAnotherSize() {
        Path file = WrongFiles.forward(folder.resolve("forward.pt"), "Tensor", "    return torch.flatten(out, 1)\n");
        try (TorchScriptTransformer model = unchecked(file)) {
            assertThatThrownBy(() -> model.predict(TestModels.inputs(TestModels.SMALL, manager, 1)))
                    .isInstanceOf(ModelFileException.class)
                    .hasMessageContaining("'forward' returned a prediction of shape (2, 192)")
                    .hasMessageContaining("(2, 4, 3, 4, 4) is expected");
            assertThat(model.live()).isZero();
        }
    }

    /** The checks at load would refuse it at once; each call must see for itself as well. */
    private static TorchScriptTransformer unchecked(Path file) {
        assertThatThrownBy(() -> TorchScriptTransformer.load(file, Device.cpu()).close())
                .isInstanceOf(ModelFileException.class);
        return TorchScriptTransformer.load(file, Device.cpu(), TorchScriptTransformer.Checks.NONE);
    }

    private void assertWrong(Path file, String what, String expected) {
        try (TorchScriptTransformer model = unchecked(file);
                CacheSession<NDArray> session = model.begin(Policies.parse("every-2"), 4)) {
            assertThatThrownBy(() -> session.step(TestModels.inputs(TestModels.SMALL, manager, 1)))
                    .isInstanceOf(ModelFileException.class)
                    .hasMessageContaining(file.getFileName().toString())
                    .hasMessageContaining(what)
                    .hasMessageContaining(expected);
            assertThat(model.live()).isZero();
        }
    }

    /** What the manifest cannot say the file's own code does. */
    @Test
    void sizesThatTheFilesOwnCodeRefuses() {
        try (TorchScriptTransformer model = TestModels.load("wan-tiny.pt");
                NDManager manager = model.newManager();
                CacheSession<NDArray> session = model.begin("every-2", 4)) {
            Map<String, Long> sizes = new HashMap<>(MadeUpInputs.small(model.manifest()));
            sizes.put("width", 1L + 2 * model.manifest().patch("width"));
            NDList odd = MadeUpInputs.of(model.manifest(), sizes, manager);
            for (ThrowingCallable call : List.<ThrowingCallable>of(() -> model.predict(odd), () -> session.step(odd))) {
                assertThatThrownBy(call)
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("wan-tiny.pt refuses these inputs")
                        .hasMessageContaining("multiples of the patch size");
            }
        }
    }

    @Test
    void anInputThatIsChangedInPlace() {
        String inPlace = "    _9 = torch.mul_(torch.flatten(x, 2), 2)\n";
        Path embed = WrongFiles.embed(
                folder.resolve("embed.pt"), "Tuple[Tensor, List[Tensor]]", inPlace + "    return (hidden, context)\n");
        assertWrong(embed, "changed input 1 in place", "spoilt");
        Path forward = WrongFiles.forward(folder.resolve("forward.pt"), "Tensor", inPlace + "    return out\n");
        try (TorchScriptTransformer model = unchecked(forward)) {
            assertThatThrownBy(() -> model.predict(TestModels.inputs(TestModels.SMALL, manager, 1)))
                    .isInstanceOf(ModelFileException.class)
                    .hasMessageContaining("changed input 1 in place");
            assertThat(model.live()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {TestModels.SMALL, TestModels.OPAQUE})
    void warmingUpLeavesNothing(String file) {
        try (TorchScriptTransformer model = TestModels.load(file)) {
            model.warmUp(TestModels.inputs(file, manager, 1));
            assertThat(model.live()).isZero();
            model.close();
            assertThatThrownBy(() -> model.warmUp(TestModels.inputs(file, manager, 1)))
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void aFailureSaysTheReason() {
        try (TorchScriptTransformer model = TestModels.load(TestModels.OPAQUE)) {
            NDList inputs = TestModels.inputs(TestModels.OPAQUE, manager, 1);
            inputs.set(0, manager.zeros(new Shape(2, 5, 3, 4, 4)));
            assertThatThrownBy(() -> model.predict(inputs))
                    .isInstanceOf(EngineException.class)
                    .hasMessageStartingWith("opaque.pt: 'forward' fails: ")
                    .hasMessageContaining("einsum()")
                    .hasMessageNotContaining("The following operation failed");
            assertThat(model.live()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"easycache", "every:n=2"})
    void aLatentOfMoreChannelsThanThePrediction(String policy) {
        try (TorchScriptTransformer model = TestModels.load(TestModels.IMAGE);
                CacheSession<NDArray> session = model.begin(Policies.parse(policy), 12)) {
            for (int i = 0; i < 12; i++) {
                NDList inputs = TestModels.opaque(manager, 1, 2, 12, 3, 4, 4);
                inputs.set(0, inputs.get(0).mul(1 - 0.001 * i));
                NDArray prediction = session.step(inputs);
                assertThat(prediction.getShape()).isEqualTo(new Shape(2, 4, 3, 4, 4));
            }
            assertThat(session.stats().reusedSteps()).isPositive();
        }
    }

    @Test
    void theChangeIsThatOfTheNoisyChannels() {
        try (NDArrayOps ops = NDArrayOps.load(Device.cpu())) {
            NDArray prediction = manager.create(new float[] {1, 2}, new Shape(1, 2, 1));
            NDArray latent = manager.create(new float[] {10, 20, 30}, new Shape(1, 3, 1));
            assertThat(ops.addLeading(prediction, -1, latent).toFloatArray()).containsExactly(-9, -18);
            assertThat(ops.addLeading(latent, 1, prediction).toFloatArray()).containsExactly(11, 22, 30);
            assertThat(ops.addLeading(latent.toType(DataType.FLOAT16, true), 1, prediction)
                            .getDataType())
                    .isEqualTo(DataType.FLOAT16);
        }
    }

    @Test
    void theOperationsOfAModelAreClosedWithIt() {
        try (TorchScriptTransformer model = TestModels.load(TestModels.SMALL)) {
            assertThatThrownBy(() -> model.ops.close()).hasMessageContaining("close the model");
            assertThat(model.predict(TestModels.inputs(TestModels.SMALL, manager, 1))
                            .getShape()
                            .dimension())
                    .isEqualTo(5);
        }
    }
}
