package io.adacache.bench.pipeline;

import io.adacache.bench.sampler.LatentShape;
import io.adacache.djl.Manifest;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/** How large a clip's latent is: as asked for, as the file has fixed it, as its pipeline has it, or small. */
public final class LatentSizes {
    private static final int USUAL = 8;

    private LatentSizes() {}

    /**
     * Returns the sizes of one clip's latent.
     *
     * @throws IllegalArgumentException if the model has no latent, or a size is asked for that the file has fixed to another
     */
    public static LatentShape of(
            Manifest manifest, @Nullable Integer frames, @Nullable Integer height, @Nullable Integer width) {
        if (manifest.indexOf("latent") < 0) {
            throw new IllegalArgumentException(
                    "The model '" + manifest.name() + "' has no input of role 'latent', so this program cannot run it");
        }
        return new LatentShape(
                1,
                manifest.noiseChannels(),
                size(frames, "frames", manifest, LatentShape::frames),
                size(height, "height", manifest, LatentShape::height),
                size(width, "width", manifest, LatentShape::width));
    }

    private static int size(
            @Nullable Integer given, String name, Manifest manifest, ToIntFunction<LatentShape> ofPipeline) {
        Integer fixed = manifest.sizes().get(name);
        if (given != null && fixed != null && !given.equals(fixed)) {
            throw new IllegalArgumentException(name + " is " + given + ", but this file has fixed it to " + fixed);
        }
        if (given != null) {
            return given;
        }
        if (fixed != null) {
            return fixed;
        }
        return DemoSettings.has(manifest)
                ? ofPipeline.applyAsInt(DemoSettings.of(manifest).latent())
                : USUAL;
    }
}
