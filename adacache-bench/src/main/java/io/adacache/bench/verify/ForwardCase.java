package io.adacache.bench.verify;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.adacache.CacheSession;
import io.adacache.Policies;
import io.adacache.djl.Manifest.Input;
import io.adacache.djl.TorchScriptTransformer;
import io.adacache.djl.npz.NpyArray;
import io.adacache.djl.npz.Npz;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;

/** One recorded forward call: arrays named after the original call's arguments, and {@code prediction}. Immutable. */
public final class ForwardCase {
    private static final String PREDICTION = "prediction";

    private final Path file;
    private final Npz arrays;

    private ForwardCase(Path file, Npz arrays) {
        this.file = file;
        this.arrays = arrays;
    }

    /**
     * The largest absolute differences from the recorded prediction.
     *
     * @param forward of the plain model
     * @param session of the same call through a session that computes everything
     */
    public record Outcome(double forward, double session) {}

    /** Reads a case. Throws {@link IllegalArgumentException} if the file is missing or holds no prediction. */
    public static ForwardCase read(Path file) {
        Npz arrays = Npz.read(file);
        arrays.get(PREDICTION);
        return new ForwardCase(file, arrays);
    }

    /**
     * Runs the call.
     *
     * @throws IllegalArgumentException if arrays are missing, surplus or of another shape than the model takes
     */
    public Outcome run(TorchScriptTransformer model) {
        checkNames(model);
        try (NDManager manager = model.newManager();
                CacheSession<NDArray> session = model.begin(Policies.none(), 1)) {
            NDList inputs = inputs(model, manager);
            return new Outcome(difference(model.predict(inputs)), difference(session.step(inputs)));
        }
    }

    private void checkNames(TorchScriptTransformer model) {
        Set<String> surplus = new LinkedHashSet<>(arrays.names());
        surplus.remove(PREDICTION);
        model.manifest().inputs().forEach(spec -> surplus.remove(spec.name()));
        if (!surplus.isEmpty()) {
            throw new IllegalArgumentException(file + " holds arguments that this model does not take: " + surplus
                    + "; it takes " + model.manifest().inputs());
        }
    }

    private NDList inputs(TorchScriptTransformer model, NDManager manager) {
        NDList inputs = new NDList();
        for (Input spec : model.manifest().inputs()) {
            DataType type = DataType.valueOf(spec.dtype().toUpperCase(Locale.ROOT));
            if (arrays.find(spec.name()).isEmpty() && spec.optional()) {
                inputs.add(manager.zeros(new Shape(0), type));
                continue;
            }
            NpyArray array = arrays.get(spec.name());
            Shape shape =
                    new Shape(array.shape().stream().mapToLong(Long::longValue).toArray());
            NDArray input =
                    type.isInteger() ? manager.create(array.longs(), shape) : manager.create(array.floats(), shape);
            inputs.add(input.getDataType() == type ? input : input.toType(type, false));
        }
        return inputs;
    }

    private double difference(NDArray prediction) {
        NpyArray expected = arrays.get(PREDICTION);
        long[] shape = prediction.getShape().getShape();
        if (!Arrays.equals(
                shape, expected.shape().stream().mapToLong(Long::longValue).toArray())) {
            throw new IllegalArgumentException("The model predicts " + prediction.getShape() + ", but " + file
                    + " holds a prediction of " + expected.shape());
        }
        float[] values = prediction.toFloatArray();
        float[] recorded = expected.floats();
        double largest = 0;
        for (int i = 0; i < values.length; i++) {
            double difference = Math.abs((double) values[i] - recorded[i]);
            largest = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : Math.max(largest, difference);
        }
        return largest;
    }
}
