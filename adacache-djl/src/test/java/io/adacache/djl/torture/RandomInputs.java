package io.adacache.djl.torture;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.util.passthrough.PassthroughNDManager;
import io.adacache.CacheSession;
import io.adacache.djl.TestModels;
import io.adacache.djl.TorchScriptTransformer;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Random;

/** Random inputs: refused with the input's name, or predicted; the session goes on, and nothing is lost. */
final class RandomInputs {
    private static final List<DataType> DTYPES = List.of(
            DataType.FLOAT32,
            DataType.FLOAT64,
            DataType.FLOAT16,
            DataType.INT64,
            DataType.INT32,
            DataType.INT8,
            DataType.UINT8,
            DataType.BOOLEAN);

    private final String file;
    private final TorchScriptTransformer model;
    private final NDManager manager;
    private final Random random;

    private RandomInputs(String file, TorchScriptTransformer model, NDManager manager, Random random) {
        this.file = file;
        this.model = model;
        this.manager = manager;
        this.random = random;
    }

    /** Arguments: file, number of cases, seed. */
    public static void main(String[] arguments) {
        String file = arguments[0];
        int cases = Integer.parseInt(arguments[1]);
        long seed = Long.parseLong(arguments[2]);
        Tally tally = new Tally();
        try (TorchScriptTransformer model = TestModels.load(file)) {
            for (int i = 0; i < cases; i++) {
                try (NDManager manager = model.newManager()) {
                    new RandomInputs(file, model, manager, new Random(seed + i)).run("case " + (seed + i), tally);
                }
            }
        }
        tally.print();
    }

    private void run(String what, Tally tally) {
        NDList inputs = TestModels.inputs(file, manager, random.nextLong());
        for (int n = 1 + random.nextInt(3); n > 0; n--) {
            change(inputs);
        }
        String policy = List.of("none", "every-2", "easycache").get(random.nextInt(3));
        try (CacheSession<NDArray> session = model.begin(model.policy(policy, 20), 20)) {
            try {
                NDArray prediction = random.nextInt(4) == 0 ? model.predict(inputs) : session.step(inputs);
                tally.held("predicted " + prediction.getShape().dimension());
                prediction.close();
            } catch (IllegalArgumentException e) {
                refused(what, e, session, tally);
            } catch (EngineException e) {
                failedInside(what, e, tally);
            }
        } catch (RuntimeException e) {
            tally.failed(what, e);
        }
        if (TestModels.live(model) != 0) {
            tally.failed(what + " leaves " + TestModels.live(model) + " arrays");
        }
    }

    private void refused(String what, IllegalArgumentException e, CacheSession<NDArray> session, Tally tally) {
        String message = String.valueOf(e.getMessage());
        boolean named = message.matches(
                "(?s)Input ('\\w+'|\\d+ of \\d+) .*|The model takes \\d+ inputs.*|A call needs inputs.*");
        if (!named) {
            tally.failed(what + " names no input", e);
            return;
        }
        session.step(TestModels.inputs(file, manager, 5)).close();
        tally.held("refused with the input's name, session goes on");
    }

    /** Only an opaque model may find out inside a call: nothing is known of it before. */
    private void failedInside(String what, EngineException e, Tally tally) {
        String message = e.getMessage();
        boolean opaque = model.layout().isOpaque();
        if (opaque && message.contains("the inputs were") && !message.contains("Traceback")) {
            tally.held("failed inside with a reason");
        } else {
            tally.failed(what, e);
        }
    }

    private void change(NDList inputs) {
        if (inputs.isEmpty()) {
            return;
        }
        int at = random.nextInt(inputs.size());
        NDArray old = inputs.get(at);
        switch (random.nextInt(13)) {
            case 0 -> inputs.remove(at);
            case 1 -> inputs.add(manager.ones(new Shape(2)));
            case 2 -> inputs.set(at, null);
            case 3 -> closed(inputs.get(at));
            case 4 -> inputs.set(at, PassthroughNDManager.INSTANCE.create(1f));
            case 5 -> inputs.set(at, manager.create(new String[] {"a", "b"}));
            case 6 -> inputs.set(at, manager.create("text"));
            case 7 ->
                inputs.set(
                        at,
                        manager.createCoo(
                                FloatBuffer.wrap(new float[] {1, 2}), new long[][] {{0, 1}, {0, 1}}, new Shape(2, 2)));
            case 8 -> inputs.set(at, any());
            case 9 -> inputs.set(at, inputs.get(random.nextInt(inputs.size())));
            case 10 -> named(old);
            default -> inputs.set(at, changed(old));
        }
    }

    private static void closed(NDArray array) {
        if (array != null) {
            array.close();
        }
    }

    private static void named(NDArray array) {
        if (array != null) {
            array.setName("module_method:head");
        }
    }

    /** An array of any dtype, rank and size. */
    private NDArray any() {
        long[] shape = new long[random.nextInt(7)];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = random.nextInt(6);
        }
        return manager.zeros(new Shape(shape), DTYPES.get(random.nextInt(DTYPES.size())));
    }

    /** The same numbers in another dtype, rank, size, layout or owner. */
    private NDArray changed(NDArray old) {
        if (!(old instanceof ai.djl.pytorch.engine.PtNDArray)
                || old.isReleased()
                || old.getDataType() == DataType.STRING
                || old.isSparse()
                || old.isEmpty()
                || old.getShape().dimension() == 0) {
            return any();
        }
        return switch (random.nextInt(8)) {
            case 0 -> old.toType(DTYPES.get(random.nextInt(DTYPES.size())), true);
            case 1 -> old.expandDims(0);
            case 2 -> old.flatten();
            case 3 -> old.get("0:1");
            case 4 ->
                old.swapAxes(0, old.getShape().dimension() - 1)
                        .swapAxes(0, old.getShape().dimension() - 1);
            case 5 -> old.get("0:1").broadcast(old.getShape());
            case 6 -> old.mul(Float.NaN);
            default -> detached(old);
        };
    }

    private NDArray detached(NDArray old) {
        NDManager other = manager.newSubManager();
        NDArray copy = old.duplicate();
        copy.attach(other);
        return copy;
    }
}
