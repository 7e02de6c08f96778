package io.adacache.bench.command;

import io.adacache.bench.pipeline.LatentSizes;
import io.adacache.bench.sampler.LatentShape;
import io.adacache.djl.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How large a generation is. */
final class SizeOptions {
    private static final Pattern SIZES = Pattern.compile("([1-9]\\d{0,4})x([1-9]\\d{0,4})x([1-9]\\d{0,4})");

    @Option(names = "--frames", paramLabel = "F", description = "latent frames (default: the model's, or 8)")
    private @Nullable Integer frames;

    @Option(names = "--height", paramLabel = "H", description = "latent rows (default: the model's, or 8)")
    private @Nullable Integer height;

    @Option(names = "--width", paramLabel = "W", description = "latent columns (default: the model's, or 8)")
    private @Nullable Integer width;

    @Option(
            names = "--latent",
            paramLabel = "FxHxW",
            hidden = true,
            description = "--frames, --height and --width in one")
    private @Nullable String latent;

    @Option(names = "--batch", defaultValue = "1", paramLabel = "B", description = "clips at once (default: 1)")
    private int batch = 1;

    /** Whether any size was named: then a model that cannot be prompted is measured on made-up text. */
    boolean isGiven() {
        return frames != null || height != null || width != null || latent != null;
    }

    /** Returns the sizes of the latent: as given, as the file has fixed them, as its pipeline has them, or small. */
    LatentShape latent(Manifest manifest) {
        readLatent();
        return LatentSizes.of(
                        manifest,
                        given("frames", frames, manifest),
                        given("height", height, manifest),
                        given("width", width, manifest))
                .withBatch(Ranges.check("--batch", batch, Ranges.COUNT));
    }

    private static @Nullable Integer given(String name, @Nullable Integer size, Manifest manifest) {
        return size == null
                ? null
                : Integer.valueOf(Sizes.given(name, size, manifest.sizes().get(name)));
    }

    private void readLatent() {
        if (latent == null) {
            return;
        }
        Matcher sizes = SIZES.matcher(latent);
        if (!sizes.matches()) {
            throw new IllegalArgumentException(
                    "--latent is FRAMESxHEIGHTxWIDTH, for example 15x60x106, but got '" + latent + "'");
        }
        if (frames != null || height != null || width != null) {
            throw new IllegalArgumentException(
                    "--latent stands for --frames, --height and --width; give one or the other");
        }
        frames = Integer.valueOf(sizes.group(1));
        height = Integer.valueOf(sizes.group(2));
        width = Integer.valueOf(sizes.group(3));
        latent = null;
    }
}
