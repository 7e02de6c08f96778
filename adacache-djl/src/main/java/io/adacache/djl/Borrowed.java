package io.adacache.djl;

import ai.djl.ndarray.NDArray;
import io.adacache.djl.engine.WrongResult;
import java.util.Arrays;
import java.util.List;

/**
 * The inputs of a call, and how often each had been written to when it began: a method that works in place on a view of an input
 * changes what belongs to the caller. Reads counters, never a value.
 */
final class Borrowed {
    private final NDArrayOps ops;
    private final List<NDArray> inputs;
    private final long[] writes;

    private Borrowed(NDArrayOps ops, List<NDArray> inputs) {
        this.ops = ops;
        this.inputs = inputs;
        this.writes = ops.writes(inputs);
    }

    static Borrowed of(NDArrayOps ops, List<NDArray> inputs) {
        return new Borrowed(ops, inputs);
    }

    /** Throws {@link WrongResult} if a method of the file has written to an input. Runs inside a call of the model. */
    void checkUnchanged() {
        check(ops.writesInside(inputs));
    }

    /** The same, outside of a call of the model. */
    void checkUnchangedOutside() {
        check(ops.writes(inputs));
    }

    private void check(long[] now) {
        if (!Arrays.equals(writes, now)) {
            throw new WrongResult("a method changed input " + (Arrays.mismatch(writes, now) + 1)
                    + " in place, which belongs to the caller and is spoilt now");
        }
    }
}
