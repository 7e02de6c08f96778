package io.adacache.djl;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import io.adacache.layout.TokenGrid;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tells for each call what its results must be: where the prediction's sizes come from is looked up once. */
final class Predictions {
    private static final int ANY = -1;

    private final @Nullable Manifest manifest;
    private final Device device;
    private final long[] sizes;
    /** For each size that is named: input and dimension where it stands. */
    private final int[] @Nullable [] sources;

    Predictions(@Nullable Manifest manifest, Device device) {
        this.manifest = manifest;
        this.device = device;
        List<String> shape =
                manifest == null ? List.of() : manifest.prediction().shape();
        this.sizes = new long[shape.size()];
        this.sources = new int[shape.size()][];
        if (manifest != null) {
            lookUp(manifest, shape);
        }
    }

    private void lookUp(Manifest manifest, List<String> shape) {
        for (int i = 0; i < shape.size(); i++) {
            String name = shape.get(i);
            sizes[i] = Character.isDigit(name.charAt(0))
                    ? Long.parseLong(name)
                    : manifest.sizes().getOrDefault(name, ANY);
            sources[i] = sizes[i] == ANY ? source(manifest.inputs(), name) : null;
        }
    }

    private static int @Nullable [] source(List<Manifest.Input> inputs, String name) {
        for (int i = 0; i < inputs.size(); i++) {
            int axis = inputs.get(i).shape().indexOf(name);
            if (axis >= 0 && !inputs.get(i).optional()) {
                return new int[] {i, axis};
            }
        }
        return null;
    }

    /** What must come of inputs that were checked. */
    Expected of(List<NDArray> inputs, TokenGrid grid) {
        if (manifest == null) {
            return new Expected(grid, null, null, device);
        }
        long[] expected = Arrays.copyOf(sizes, sizes.length);
        for (int i = 0; i < expected.length; i++) {
            int[] source = sources[i];
            if (source != null) {
                expected[i] = inputs.get(source[0]).getShape().get(source[1]);
            }
        }
        DataType latent = inputs.get(manifest.indexOf("latent")).getDataType();
        // A prediction is fp32, or of the latent's own dtype.
        return new Expected(grid, expected, latent == DataType.FLOAT32 ? latent : null, device);
    }
}
