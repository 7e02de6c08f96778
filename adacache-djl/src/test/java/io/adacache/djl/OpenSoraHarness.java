package io.adacache.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import io.adacache.testkit.ModelHarness;
import java.util.List;

/** The kits' view of the tiny Open-Sora file. */
final class OpenSoraHarness extends NDArrayHarness implements ModelHarness<NDArray> {
    private final TorchScriptTransformer model;

    OpenSoraHarness(TorchScriptTransformer model) {
        super(DataType.FLOAT32, model.ops);
        this.model = model;
    }

    @Override
    public TorchScriptTransformer transformer() {
        return model;
    }

    @Override
    public List<NDArray> inputs(long seed) {
        return sized(seed, 3, 4, 6);
    }

    @Override
    public List<NDArray> inputsOfOtherSize(long seed) {
        return sized(seed, 2, 5, 6);
    }

    private NDList sized(long seed, int frames, int height, int width) {
        return TestModels.openSora(manager, seed, 500, frames, height, width);
    }

    @Override
    public long live() {
        return model.live() + manager.getManagedArrays().size();
    }
}
