package io.adacache.djl.instrument;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.adacache.djl.archive.Tensor;
import io.adacache.djl.instrument.graph.Remedy;
import io.adacache.djl.npz.NpyArray;
import io.adacache.djl.npz.Npz;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;

/** The inputs of one call in forward's order: given, or made up for the shapes that the tracer kept. */
final class CallInputs {
    private static final long SEED = 20261123;

    /** What DJL can make for PyTorch; any other dtype would end the process. */
    private static final List<String> DTYPES =
            List.of("float32", "float16", "float64", "int64", "int32", "int8", "uint8", "bool");

    /** NumPy's names for them. */
    private static final Map<String, DataType> NUMPY = Map.of(
            "f4",
            DataType.FLOAT32,
            "f2",
            DataType.FLOAT16,
            "f8",
            DataType.FLOAT64,
            "i8",
            DataType.INT64,
            "i4",
            DataType.INT32,
            "i1",
            DataType.INT8,
            "u1",
            DataType.UINT8,
            "b1",
            DataType.BOOLEAN);

    private CallInputs() {}

    /**
     * Reads arrays by name (forward's parameter names, or {@code arr_0} and following) from an .npz.
     *
     * @throws InstrumentException if one is missing
     */
    static NDList read(Path npz, List<String> names, NDManager manager) {
        Npz file = open(npz);
        NDList inputs = new NDList();
        for (int i = 0; i < names.size(); i++) {
            String place = "arr_" + i;
            NpyArray array = file.find(names.get(i)).or(() -> file.find(place)).orElse(null);
            if (array == null) {
                throw new InstrumentException(npz + " holds no array " + names.get(i) + "; forward takes " + names
                        + ", the file holds " + file.names());
            }
            inputs.add(made(array, names.get(i), manager));
        }
        return inputs;
    }

    private static Npz open(Path npz) {
        try {
            return Npz.read(npz);
        } catch (IllegalArgumentException e) {
            throw new InstrumentException(e);
        }
    }

    /** What an .npz holds: dtype and shape by name. */
    static Map<String, Tensor> described(Path npz) {
        Npz file = open(npz);
        Map<String, Tensor> found = new LinkedHashMap<>();
        for (String name : file.names()) {
            file.find(name).ifPresent(array -> {
                DataType type = NUMPY.getOrDefault(array.type(), DataType.UNKNOWN);
                String dtype = type.name().toLowerCase(Locale.ROOT);
                found.put(name, new Tensor(dtype, "", 0, array.shape(), List.of()));
            });
        }
        return found;
    }

    private static NDArray made(NpyArray array, String name, NDManager manager) {
        Shape shape =
                new Shape(array.shape().stream().mapToLong(Long::longValue).toArray());
        DataType type = NUMPY.get(array.type());
        if (type == null) {
            throw new InstrumentException("the array " + name + " is " + array.type() + "; inputs are one of "
                    + new TreeSet<>(NUMPY.keySet()));
        }
        NDArray made =
                switch (array.type()) {
                    case "f4", "f2" -> manager.create(array.floats(), shape);
                    case "f8" -> manager.create(array.doubles(), shape);
                    default -> manager.create(array.longs(), shape);
                };
        return made.getDataType() == type ? made : made.toType(type, true);
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
        if (!DTYPES.contains(dtype)) {
            throw new InstrumentException(
                    "an input was " + dtype + " when the file was traced; inputs must be one of " + DTYPES,
                    dtype.equals("bfloat16") ? Remedy.FLOAT32 : Remedy.TENSORS);
        }
        if (!dtype.startsWith("float")) {
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
