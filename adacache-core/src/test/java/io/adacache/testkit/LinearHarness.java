package io.adacache.testkit;

import io.adacache.layout.Layout;
import java.util.List;

/** The fake engine's harness: a {@link LinearTransformer} of two rows, three frames of 2 x 2 tokens. */
public class LinearHarness implements ModelHarness<FloatTensor> {
    private final LinearTransformer transformer;

    /** Wraps a model. */
    public LinearHarness(LinearTransformer transformer) {
        this.transformer = transformer;
    }

    /** Makes a model of a layout. */
    public LinearHarness(Layout layout) {
        this(LinearTransformer.of(layout));
    }

    @Override
    public LinearTransformer transformer() {
        return transformer;
    }

    @Override
    public List<FloatTensor> inputs(long seed) {
        return transformer.inputs(seed, 2, 3, 2, 2);
    }

    @Override
    public List<FloatTensor> inputsOfOtherSize(long seed) {
        return transformer.inputs(seed, 2, 4, 1, 3);
    }

    @Override
    public FloatTensor tensor(float[] values, long... shape) {
        return transformer.ops().tensor(values, shape);
    }

    @Override
    public float[] values(FloatTensor tensor) {
        return transformer.ops().values(tensor);
    }

    @Override
    public long[] shape(FloatTensor tensor) {
        return tensor.shape();
    }

    @Override
    public void free(FloatTensor tensor) {
        transformer.ops().release(tensor);
    }

    @Override
    public long live() {
        return transformer.ops().live();
    }
}
