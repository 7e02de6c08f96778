package io.adacache.bench.command;

import io.adacache.bench.pipeline.DemoSettings;
import io.adacache.bench.sampler.LatentShape;
import io.adacache.djl.Manifest;
import java.util.function.ToIntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How large a generation is. */
final class SizeOptions {
    private static final Pattern SIZES = Pattern.compile("([1-9]\\d{0,4})x([1-9]\\d{0,4})x([1-9]\\d{0,4})");
    private static final int USUAL = 8;

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
        return new LatentShape(
                Ranges.check("--batch", batch, Ranges.COUNT),
                channels(manifest),
                size(frames, "frames", manifest, LatentShape::frames),
                size(height, "height", manifest, LatentShape::height),
                size(width, "width", manifest, LatentShape::width));
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

    private static int channels(Manifest manifest) {
        int index = manifest.indexOf("latent");
        if (index < 0) {
            throw new IllegalArgumentException(
                    "The model '" + manifest.name() + "' has no input of role 'latent', so this program cannot run it");
        }
        return manifest.noiseChannels();
    }

    private static int size(
            @Nullable Integer given, String name, Manifest manifest, ToIntFunction<LatentShape> ofPipeline) {
        Integer fixed = manifest.sizes().get(name);
        if (given != null) {
            return Sizes.given(name, given, fixed);
        } else if (fixed != null) {
            return fixed;
        }
        return DemoSettings.has(manifest)
                ? ofPipeline.applyAsInt(DemoSettings.of(manifest).latent())
                : USUAL;
    }
}
