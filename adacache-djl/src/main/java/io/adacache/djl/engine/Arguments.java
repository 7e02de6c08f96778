package io.adacache.djl.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import java.util.ArrayList;
import java.util.List;

/**
 * The arguments of one native call. What it wraps is its own and is freed with it, also when a later argument cannot be wrapped;
 * what it is lent stays the lender's. The arrays themselves are borrowed.
 */
public final class Arguments implements AutoCloseable {
    private final List<IValue> all = new ArrayList<>();
    private final List<IValue> own = new ArrayList<>();

    Arguments() {}

    private Arguments own(IValue value) {
        own.add(value);
        all.add(value);
        return this;
    }

    /** Adds a tensor. */
    public Arguments add(NDArray array) {
        return own(IValue.from((PtNDArray) open(array)));
    }

    /** Adds tensors, each an argument. */
    public Arguments addAll(List<? extends NDArray> arrays) {
        arrays.forEach(this::add);
        return this;
    }

    /** Adds a list of tensors as one argument. */
    public Arguments list(List<? extends NDArray> arrays) {
        return own(IValue.listFrom(
                arrays.stream().map(array -> (PtNDArray) open(array)).toArray(PtNDArray[]::new)));
    }

    /** Adds a whole number. */
    public Arguments add(long value) {
        return own(IValue.from(value));
    }

    /** Adds a list of whole numbers. */
    public Arguments list(long... values) {
        return own(IValue.listFrom(values));
    }

    /** Adds a list of numbers. */
    public Arguments list(double... values) {
        return own(IValue.listFrom(values));
    }

    /** Adds the context that {@code embed} returned. */
    public Arguments lend(Context context) {
        all.add(context.tensors());
        return this;
    }

    private static NDArray open(NDArray array) {
        if (array.isReleased()) {
            throw new IllegalArgumentException(
                    "A tensor was closed while a call needed it; inputs stay open until the call returns");
        }
        return array;
    }

    IValue[] values() {
        return all.toArray(IValue[]::new);
    }

    @Override
    public void close() {
        own.forEach(IValue::close);
    }
}
