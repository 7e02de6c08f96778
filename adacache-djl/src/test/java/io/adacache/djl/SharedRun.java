package io.adacache.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.adacache.CacheSession;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A short generation of made-up inputs, to be compared between one device and several. */
record SharedRun(List<float[]> predictions, List<Integer> computed) {
    static final int STEPS = 8;
    /** Of every kind: spans of any size, motion, rows, forecasts, whole calls. */
    static final List<String> POLICIES = List.of(
            "none",
            "every-2",
            "adacache:codebook=0.05:3;0.2:2;1:1",
            "adacache:codebook=0.05:3;0.2:2;1:1,spans=pairs",
            "adacache:codebook=0.05:3;0.2:2;1:1,spans=sites",
            "adacache:codebook=0.05:3;0.2:2;1:1,motion-scale=0.1,motion-power=2",
            "adacache:codebook=0.05:3;0.2:2;1:1,rows=any",
            "adacache-plus:calls=4",
            "teacache:threshold=0.3,polynomial=1;0",
            "easycache:threshold=0.3");

    private static final int FRAMES = 5;

    static Map<String, Long> sizes(Manifest manifest, int rows) {
        Map<String, Long> sizes = new HashMap<>(MadeUpInputs.small(manifest));
        sizes.put("batch", (long) rows);
        sizes.put("frames", (long) FRAMES * manifest.patch("frames"));
        sizes.put("width", 3L * manifest.patch("width"));
        manifest.sizes().forEach((name, size) -> sizes.put(name, size.longValue()));
        return sizes;
    }

    /** A call whose latent moves from one noise to another, at a noise level that falls. */
    static NDList inputs(TorchScriptTransformer model, NDManager manager, int rows, int step) {
        Manifest manifest = model.manifest();
        NDList inputs = MadeUpInputs.of(manifest, sizes(manifest, rows), manager);
        int latent = manifest.indexOf("latent");
        double way = (double) step / STEPS;
        NDArray noise = inputs.get(latent);
        inputs.set(latent, noise.mul(1 - way).add(noise.square().mul(way)));
        int timestep = manifest.indexOf("timestep");
        NDArray level = inputs.get(timestep);
        inputs.set(timestep, manager.full(level.getShape(), 990 - 100 * step, level.getDataType()));
        return inputs;
    }

    /** Generates. */
    static SharedRun of(TorchScriptTransformer model, String policy, int rows) {
        try (NDManager manager = model.newManager();
                CacheSession<NDArray> session = model.begin(policy, STEPS)) {
            List<float[]> predictions = new ArrayList<>();
            for (int step = 0; step < STEPS; step++) {
                try (NDList inputs = inputs(model, manager, rows, step);
                        NDArray prediction = session.step(inputs)) {
                    predictions.add(prediction.toFloatArray());
                }
            }
            return new SharedRun(predictions, session.trace().computedSteps());
        }
    }

    /** Fails if other steps were computed, or a prediction differs by more than a share of its largest value. */
    void assertSame(SharedRun expected, double tolerance, String what) {
        assertThat(computed).as(what).isEqualTo(expected.computed());
        for (int step = 0; step < STEPS; step++) {
            float[] a = predictions.get(step);
            float[] b = expected.predictions().get(step);
            assertThat(a).as(what).hasSameSizeAs(b);
            double most = 0;
            double apart = 0;
            for (int i = 0; i < b.length; i++) {
                most = Math.max(most, Math.abs(b[i]));
                apart = Math.max(apart, Math.abs(a[i] - b[i]));
            }
            assertThat(apart / most).as("%s, step %d", what, step + 1).isCloseTo(0, within(tolerance));
        }
    }
}
