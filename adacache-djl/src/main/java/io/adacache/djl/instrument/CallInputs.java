package io.adacache.djl.instrument;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.adacache.djl.instrument.archive.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/** The inputs of one call in forward's order: given, or made up for the shapes that the tracer kept. */
final class CallInputs {
    private static final long SEED = 20261123;

    private CallInputs() {}

    /**
     * Reads arrays by name (forward's parameter names, or {@code arr_0} and following) from an .npz.
     *
     * @throws InstrumentException if one is missing
     */
    static NDList read(Path npz, List<String> names, NDManager manager) throws IOException {
        Map<String, NDArray> found = new HashMap<>();
        try (InputStream in = Files.newInputStream(npz)) {
            for (NDArray array : NDList.decode(manager, in)) {
                found.put(array.getName(), array);
            }
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new InstrumentException(npz + " is no .npz that can be read: " + e.getMessage(), e);
        }
        NDList inputs = new NDList();
        for (int i = 0; i < names.size(); i++) {
            NDArray array = found.getOrDefault(names.get(i), found.get("arr_" + i));
            if (array == null) {
                throw new InstrumentException(npz + " holds no array " + names.get(i) + "; forward takes " + names
                        + ", the file holds " + found.keySet());
            }
            array.setName(null);
            inputs.add(array);
        }
        return inputs;
    }

    /** Seeded noise; numbers of 10 to 100 for timesteps and the like; ones for whole numbers and masks. */
    static NDList make(List<Tensor> shapes, NDManager manager) {
        NDList inputs = new NDList();
        Random random = new Random(SEED);
        for (Tensor tensor : shapes) {
            long[] shape = tensor.shape().stream().mapToLong(Long::longValue).toArray();
            inputs.add(make(tensor.dtype(), shape, random, manager));
        }
        return inputs;
    }

    private static NDArray make(String dtype, long[] shape, Random random, NDManager manager) {
        if (!dtype.startsWith("float")) {
            if (dtype.equals("bfloat16")) {
                throw new InstrumentException(
                        "an input was bfloat16 when the file was traced; inputs must be float32 or whole numbers");
            }
            DataType type = dtype.equals("bool") ? DataType.BOOLEAN : DataType.valueOf(dtype.toUpperCase(Locale.ROOT));
            NDArray ones = manager.ones(new Shape(shape), DataType.INT32);
            return ones.toType(type, true);
        }
        float[] values = new float[Math.toIntExact(new Shape(shape).size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = shape.length > 1 ? (float) random.nextGaussian() : 10 + 90 * random.nextFloat();
        }
        NDArray array = manager.create(values, new Shape(shape));
        return dtype.equals("float32") ? array : array.toType(DataType.valueOf(dtype.toUpperCase(Locale.ROOT)), true);
    }

    /** An input of the same kind with one dimension grown by repeating its last slice. */
    static NDArray resized(NDArray array, int axis, long size) {
        long now = array.getShape().get(axis);
        NDList parts = new NDList(array);
        if (size <= now) {
            return array.swapAxes(0, axis)
                    .get(new ai.djl.ndarray.index.NDIndex("0:" + size))
                    .swapAxes(0, axis)
                    .duplicate();
        }
        NDArray last = array.swapAxes(0, axis)
                .get(new ai.djl.ndarray.index.NDIndex((now - 1) + ":" + now))
                .swapAxes(0, axis);
        for (long i = now; i < size; i++) {
            parts.add(last);
        }
        return parts.size() == 1 ? array : ai.djl.ndarray.NDArrays.concat(parts, axis);
    }
}
