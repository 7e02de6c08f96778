package io.adacache.djl.instrument;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import io.adacache.CacheSession;
import io.adacache.CacheStats;
import io.adacache.djl.TorchScriptTransformer;
import io.adacache.djl.engine.WrongResult;
import io.adacache.djl.instrument.graph.Remedy;
import io.adacache.spi.Transformer.Embedded;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Drives a written file as a service does: loaded as a service loads it, through whole generations. Under {@code none} every
 * prediction is forward's, bit for bit; where a policy reuses, it is forward's or what adding the last computed step's residuals
 * gives, worked out here without a session.
 */
final class FrontDoor {
    private static final int STEPS = 6;

    /** A codebook that reuses whatever is measured: what random inputs measure says nothing of a real generation. */
    private static final List<String> REUSING = List.of("every-2", "adacache:codebook=1000000:2");

    private final TorchScriptTransformer model;
    private final List<String> notes;

    FrontDoor(TorchScriptTransformer model, List<String> notes) {
        this.model = model;
        this.notes = notes;
    }

    /**
     * Runs the generations.
     *
     * @param inputs of one call
     * @param size in words, for messages
     * @return how many predictions were compared
     * @throws InstrumentException if one is not what it must be
     */
    int check(NDList inputs, String size) {
        int compared = 0;
        try {
            compared += generate("none", inputs, size);
            for (String policy : REUSING) {
                compared += generate(policy, inputs, size);
            }
        } catch (EngineException | WrongResult e) {
            throw new InstrumentException("not written: a session fails at " + size + ": " + e.getMessage(), e);
        }
        return compared;
    }

    /** Inputs with several dimensions enlarged, and which those are. */
    record Grown(NDList inputs, List<String> dimensions) {}

    /** The inputs with as many of the dimensions enlarged as forward takes together: each alone it takes, all at once perhaps not. */
    Grown grown(NDList inputs, List<String> dimensions, BiFunction<NDList, String, NDList> enlarged) {
        NDList larger = inputs;
        List<String> taken = new ArrayList<>();
        for (String dimension : dimensions) {
            NDList next = enlarged.apply(larger, dimension);
            try {
                model.predict(next).close();
                larger = next;
                taken.add(dimension);
            } catch (EngineException e) {
                notes.add("forward itself refuses another " + dimension + " together with another "
                        + String.join(", ", taken));
            }
        }
        return new Grown(larger, taken);
    }

    private int generate(String policy, NDList inputs, String size) {
        CacheSession<NDArray> begun;
        try {
            begun = model.begin(model.policy(policy, STEPS), STEPS);
        } catch (IllegalArgumentException e) {
            notes.add("policy " + policy + " does not work with this file: " + e.getMessage());
            return 0;
        }
        boolean reuses = !policy.equals("none");
        CacheStats stats;
        try (CacheSession<NDArray> session = begun) {
            Expected expected = new Expected(reuses);
            for (int step = 0; step < STEPS; step++) {
                NDList call = at(inputs, step);
                NDArray prediction = session.step(call);
                String problem = expected.problem(call, prediction);
                prediction.close();
                if (problem != null) {
                    throw new InstrumentException(
                            "not written: step " + (step + 1) + " of a session under " + policy + " at " + size + " "
                                    + problem,
                            Remedy.WHOLE_CALL);
                }
            }
            stats = session.stats();
        }
        if (reuses != stats.reusedSteps() > 0) {
            throw new InstrumentException(
                    "not written: a session under " + policy + " at " + size + " reused " + stats.reusedSteps() + " of "
                            + STEPS + " steps",
                    Remedy.WHOLE_CALL);
        }
        return STEPS;
    }

    /** A later step of a generation: a calmer latent, and less noise. */
    private NDList at(NDList inputs, int step) {
        NDList call = new NDList(inputs);
        scale(call, "latent", 1 - 0.05 * step);
        scale(call, "timestep", 1 - (double) step / STEPS);
        return call;
    }

    private void scale(NDList call, String role, double factor) {
        int index = model.manifest().indexOf(role);
        if (index < 0 || call.get(index).getDataType() == DataType.BOOLEAN) {
            return;
        }
        NDArray input = call.get(index);
        DataType dtype = input.getDataType();
        call.set(index, input.toType(DataType.FLOAT32, true).mul(factor).toType(dtype, false));
    }

    /** What a step may give, from the model's own methods. */
    private final class Expected {
        private final boolean reuses;
        private @Nullable NDArray kept;

        Expected(boolean reuses) {
            this.reuses = reuses;
        }

        @Nullable
        String problem(NDList call, NDArray prediction) {
            NDArray plain = model.predict(call);
            if (!plain.getShape().equals(prediction.getShape()) || plain.getDataType() != prediction.getDataType()) {
                return "gives " + prediction.getShape() + " " + prediction.getDataType() + ", forward gives "
                        + plain.getShape() + " " + plain.getDataType();
            }
            boolean same = plain.toByteBuffer().equals(prediction.toByteBuffer());
            if (!reuses) {
                return same ? null : "differs from forward";
            }
            try (Embedded<NDArray> embedded = model.embed(call)) {
                NDArray hidden = embedded.hidden();
                if (same) {
                    NDArray after = model.run(model.layout().stack(), new int[0], hidden, embedded)
                            .get(0);
                    kept = after.sub(hidden);
                    List.of(after, hidden).forEach(NDArray::close);
                    return null;
                }
                if (kept == null) {
                    return "differs from forward, and nothing was computed before";
                }
                NDArray sum = hidden.add(kept);
                NDArray reused = model.head(sum, embedded);
                boolean near = near(reused, prediction);
                List.of(sum, reused, hidden).forEach(NDArray::close);
                return near ? null : "is neither forward nor what was kept, added";
            }
        }

        private boolean near(NDArray expected, NDArray prediction) {
            float[] a = expected.toType(DataType.FLOAT32, true).toFloatArray();
            float[] b = prediction.toType(DataType.FLOAT32, true).toFloatArray();
            double largest = 0;
            double apart = 0;
            for (int i = 0; i < a.length; i++) {
                if (!Float.isFinite(b[i])) {
                    return false;
                }
                largest = Math.max(largest, Math.abs(a[i]));
                apart = Math.max(apart, Math.abs(a[i] - b[i]));
            }
            double tolerance = model.manifest().dtype().equals("float32") ? 1e-3 : 0.1;
            return apart <= tolerance * Math.max(largest, 1e-6);
        }
    }
}
