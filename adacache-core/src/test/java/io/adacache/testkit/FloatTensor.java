package io.adacache.testkit;

import java.util.Arrays;

/** A tensor of floats, row-major, that knows whether it was released. */
public final class FloatTensor {
    private final float[] data;
    private final long[] shape;
    private volatile boolean released;

    FloatTensor(float[] data, long[] shape) {
        if (Arrays.stream(shape).reduce(1, (a, b) -> a * b) != data.length) {
            throw new IllegalArgumentException(data.length + " values do not fill " + Arrays.toString(shape));
        }
        this.data = data;
        this.shape = shape;
    }

    /** Returns the content itself, for reading. */
    public float[] data() {
        if (released) {
            throw new IllegalStateException("Use after release of " + this);
        }
        return data;
    }

    /** Returns the shape. */
    public long[] shape() {
        return shape.clone();
    }

    /** Returns one dimension of the shape. */
    public int size(int axis) {
        return (int) shape[axis];
    }

    synchronized void release() {
        if (released) {
            throw new IllegalStateException("Second release of " + this);
        }
        released = true;
    }

    @Override
    public String toString() {
        return "tensor " + Arrays.toString(shape);
    }
}
