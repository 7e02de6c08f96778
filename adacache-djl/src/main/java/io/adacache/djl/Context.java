package io.adacache.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.jni.IValue;
import io.adacache.spi.Embedded;

/** The context of one call: a native list of tensors that is handed back as it came. Owned by the step. */
final class Context implements Embedded<NDArray> {
    private final NDArray hidden;
    private final IValue tensors;

    Context(NDArray hidden, IValue tensors) {
        this.hidden = hidden;
        this.tensors = tensors;
    }

    @Override
    public NDArray hidden() {
        return hidden;
    }

    /** Returns the list; it is only lent. */
    IValue tensors() {
        return tensors;
    }

    @Override
    public void close() {
        tensors.close();
    }
}
