package io.adacache.djl.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.jni.IValue;
import io.adacache.spi.Transformer.Embedded;

/** What {@code embed} returned: the hidden state, and a native list of tensors that is handed back as it came. Owned by the step. */
public final class Context implements Embedded<NDArray> {
    private final Script script;
    private final NDArray hidden;
    private final IValue tensors;

    Context(Script script, NDArray hidden, IValue tensors) {
        this.script = script;
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
        script.free(tensors);
    }
}
