package io.adacache.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.adacache.testkit.ModelHarness;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The kits' view of any model file with a manifest: inputs are made up from what the manifest says. */
final class ManifestHarness extends NDArrayHarness implements ModelHarness<NDArray> {
    private static final List<String> SIZES = List.of("frames", "height", "width");

    private final TorchScriptTransformer model;

    ManifestHarness(TorchScriptTransformer model) {
        super(DataType.FLOAT32, model.ops);
        this.model = model;
    }

    @Override
    public TorchScriptTransformer transformer() {
        return model;
    }

    @Override
    public List<NDArray> inputs(long seed) {
        return inputs(seed, 2);
    }

    /** Of another size in all that the file leaves open. */
    @Override
    public List<NDArray> inputsOfOtherSize(long seed) {
        return inputs(seed, 3);
    }

    private List<NDArray> inputs(long seed, int patches) {
        Manifest manifest = model.manifest();
        Map<String, Long> sizes = new HashMap<>(MadeUpInputs.small(manifest));
        for (String name : SIZES) {
            if (!manifest.sizes().containsKey(name)) {
                sizes.put(name, (long) patches * manifest.patch(name));
            }
        }
        NDList inputs;
        try (NDManager making = manager.newSubManager()) {
            inputs = MadeUpInputs.of(manifest, sizes, making);
            int latent = manifest.indexOf("latent");
            NDArray before = inputs.get(latent);
            inputs.set(
                    latent,
                    making.create(TestModels.noise(seed, (int) before.size()), before.getShape())
                            .toType(before.getDataType(), false));
            inputs.attach(manager);
        }
        return inputs;
    }

    @Override
    public long live() {
        return model.live() + manager.getManagedArrays().size();
    }
}
