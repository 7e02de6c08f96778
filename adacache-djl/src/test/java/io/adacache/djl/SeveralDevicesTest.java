package io.adacache.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.adacache.CacheSession;
import io.adacache.Policies;
import io.adacache.djl.TorchScriptTransformer.Checks;
import io.adacache.layout.ResidualKind;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One model over several members, here all on one CPU, against the same model alone. */
class SeveralDevicesTest {
    private static final int STEPS = SharedRun.STEPS;

    private static TorchScriptTransformer load(String name, int members) {
        return TorchScriptTransformer.load(
                TestModels.file(name), Collections.nCopies(members, Device.cpu()), Checks.STRUCTURE);
    }

    private static boolean fits(Manifest manifest, int members) {
        Map<String, Long> sizes = SharedRun.sizes(manifest, 2);
        return sizes.get("frames") / manifest.patch("frames") >= members;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "open-sora-tiny.pt",
                "latte-tiny.pt",
                "open-sora-plan-tiny.pt",
                "latte-class-tiny.pt",
                "joint-tiny.pt",
                "wan-tiny.pt",
                "wan-i2v-tiny.pt",
                "wan-ti2v-tiny.pt"
            })
    void giveWhatOneDeviceGives(String file) {
        try (TorchScriptTransformer alone = load(file, 1)) {
            Map<String, SharedRun> expected = new HashMap<>();
            SharedRun.POLICIES.forEach(policy -> expected.put(policy, SharedRun.of(alone, policy, 2)));
            for (int members : List.of(2, 3, 4)) {
                if (!fits(alone.manifest(), members)) {
                    continue;
                }
                try (TorchScriptTransformer shared = load(file, members)) {
                    for (String policy : SharedRun.POLICIES) {
                        SharedRun.of(shared, policy, 2)
                                .assertSame(expected.get(policy), 1e-5, members + " members, " + policy);
                        assertThat(shared.live()).as(policy).isZero();
                    }
                    assertThat(plain(shared)).hasSameSizeAs(plain(alone));
                }
            }
        }
    }

    /** Whatever has a name: presets, and every policy that needs no figures of the model. */
    @Test
    void everyPolicyDecidesAsOnOneDevice() {
        try (TorchScriptTransformer alone = load("open-sora-tiny.pt", 1);
                TorchScriptTransformer shared = load("open-sora-tiny.pt", 3)) {
            List<String> ran =
                    Policies.names().stream().filter(name -> works(alone, name)).toList();
            assertThat(ran).hasSizeGreaterThan(18);
            for (String policy : ran) {
                SharedRun.of(shared, policy, 2).assertSame(SharedRun.of(alone, policy, 2), 1e-5, policy);
            }
        }
    }

    private static boolean works(TorchScriptTransformer model, String policy) {
        try {
            model.begin(policy, STEPS).close();
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static float[] plain(TorchScriptTransformer model) {
        try (NDManager manager = model.newManager()) {
            return model.predict(SharedRun.inputs(model, manager, 2, 3)).toFloatArray();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"open-sora-tiny-bf16.pt", "open-sora-tiny-fp16.pt", "wan-tiny-bf16.pt"})
    void halfPrecisionStaysNear(String file) {
        try (TorchScriptTransformer alone = load(file, 1);
                TorchScriptTransformer shared = load(file, 3)) {
            SharedRun.of(shared, "every-2", 2).assertSame(SharedRun.of(alone, "every-2", 2), 0.05, file);
            assertThat(shared.live()).isZero();
        }
    }

    private static long moved(TorchScriptTransformer model, String kind, Runnable work) {
        long before = model.moved().get(kind);
        work.run();
        return model.moved().get(kind) - before;
    }

    /**
     * Dynamic sequence parallelism: around each temporal block the hidden state of M bytes is switched twice, and each member keeps a
     * k-th of a k-th: M (k - 1) / k bytes cross each time, where frames and places are multiples of k.
     */
    @Test
    void aComputedStepMovesWhatTheFormulaSaysAndAReusedOneThePredictionAlone() {
        try (TorchScriptTransformer model = load("open-sora-tiny.pt", 2);
                NDManager manager = model.newManager();
                CacheSession<NDArray> session = model.begin("every-2", STEPS)) {
            NDList inputs = TestModels.openSora(manager, 1, 500);
            int channels = model.check(inputs).channels();
            // 8 frames of 4 x 4 tokens, two rows.
            long hidden = 4L * 2 * 8 * 16 * channels;
            long temporal = model.layout().sites().stream()
                    .filter(site -> site.kind() == ResidualKind.TEMPORAL_ATTENTION)
                    .count();
            long prediction = 4L * 2 * 8 * 8 * 8 * 8;
            Runnable step = () -> session.step(inputs).close();
            assertThat(moved(model, "switch", step)).isEqualTo(2 * temporal * hidden / 2);
            assertThat(moved(model, "switch", step)).isZero();
            assertThat(moved(model, "prediction", step)).isEqualTo(prediction / 2);
            assertThat(moved(model, "prediction", step)).isEqualTo(prediction / 2);
            assertThat(model.moved().get("keys-and-values")).isZero();
        }
    }

    /** Every member receives the keys and values of all others' tokens: 2 M (k - 1) bytes in all. */
    @Test
    void jointAttentionMovesKeysAndValues() {
        try (TorchScriptTransformer model = load("wan-tiny.pt", 5);
                NDManager manager = model.newManager();
                CacheSession<NDArray> session = model.begin("every-2", STEPS)) {
            NDList inputs = SharedRun.inputs(model, manager, 2, 0);
            long hidden = 4L * model.check(inputs).elements();
            long blocks = model.layout().sites().size() / 3;
            Runnable step = () -> session.step(inputs).close();
            assertThat(moved(model, "keys-and-values", step)).isEqualTo(blocks * 2 * hidden * 4);
            assertThat(moved(model, "keys-and-values", step)).isZero();
            assertThat(model.moved().get("switch")).isZero();
        }
    }

    @Test
    void heldSumsAreDividedAndCountedWhole() {
        try (TorchScriptTransformer alone = load("open-sora-tiny.pt", 1);
                TorchScriptTransformer shared = load("open-sora-tiny.pt", 4);
                NDManager manager = alone.newManager();
                CacheSession<NDArray> a = alone.begin("every-2", STEPS);
                CacheSession<NDArray> b = shared.begin("every-2", STEPS)) {
            NDList inputs = TestModels.openSora(manager, 1, 500);
            a.step(inputs).close();
            b.step(inputs).close();
            assertThat(b.stats().bytesHeld()).isEqualTo(a.stats().bytesHeld());
            // 8 frames: two for each of four.
            assertThat(b.stats().bytesHeld()).isPositive();
            assertThat(shared.held()).hasSize(4).containsOnly(b.stats().bytesHeld() / 4);
        }
    }

    @Test
    void noMemberHoldsMoreThanAFrameAboveItsShare() {
        try (TorchScriptTransformer model = load("wan-tiny.pt", 3);
                NDManager manager = model.newManager();
                CacheSession<NDArray> session = model.begin("adacache:codebook=1:3,motion-scale=0.1", STEPS)) {
            for (int step = 0; step < 2; step++) {
                NDList inputs = SharedRun.inputs(model, manager, 2, step);
                session.step(inputs).close();
                long whole = session.stats().bytesHeld();
                int frames = model.check(inputs).frames();
                assertThat(whole).isPositive();
                assertThat(model.held().stream().mapToLong(Long::longValue).sum())
                        .isEqualTo(whole);
                assertThat(model.held()).allMatch(held -> held <= whole / 3 + whole / frames);
            }
        }
    }

    @Test
    void aFailureAtAnyCallLeavesNothing() {
        try (TorchScriptTransformer model = load("joint-tiny.pt", 2);
                NDManager manager = model.newManager();
                CacheSession<NDArray> session = model.begin("every-2", STEPS)) {
            NDList inputs = SharedRun.inputs(model, manager, 2, 0);
            session.step(inputs).close();
            session.cancel();
            assertThatThrownBy(() -> session.step(inputs)).hasMessageContaining("cancelled");
            session.close();
            assertThat(model.live()).isZero();
        }
    }

    @Test
    void aClipThatCannotBeDividedIsRefused() {
        try (TorchScriptTransformer model = load("wan-tiny.pt", 6);
                NDManager manager = model.newManager()) {
            assertThatThrownBy(() -> model.predict(SharedRun.inputs(model, manager, 2, 0)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("5 latent frames")
                    .hasMessageContaining("fewer devices");
            assertThat(model.live()).isZero();
        }
    }

    @Test
    void aFileWithoutTheMethodsIsRefused() {
        assertThatThrownBy(() -> load("small.pt", 2))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("version 1")
                .hasMessageContaining("export the checkpoint again");
        assertThatThrownBy(() -> load("opaque.pt", 2))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("opaque");
    }
}
