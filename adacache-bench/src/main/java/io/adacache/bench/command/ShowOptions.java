package io.adacache.bench.command;

import io.adacache.bench.video.Shown;
import io.adacache.bench.video.VideoFormat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** As what a clip is written, how fast and how large. */
final class ShowOptions {
    @Option(
            names = "--format",
            split = ",",
            paramLabel = "F",
            description = "mp4 (H.264), webp (lossless), gif, png (all frames in one picture); several, as mp4,png")
    private List<String> formats = new ArrayList<>();

    @Option(names = "--rate", paramLabel = "FPS", description = "frames per second of the file (default: the model's)")
    private @Nullable Double rate;

    @Option(
            names = "--zoom",
            defaultValue = "6",
            paramLabel = "N",
            description = "pixels of the file per pixel of the clip (default: ${DEFAULT-VALUE})")
    private int zoom = 6;

    /** Returns the formats that are named, or the usual ones. */
    List<VideoFormat> formats(String... usual) {
        List<String> named = formats.isEmpty() ? List.of(usual) : formats;
        List<VideoFormat> all =
                named.stream().map(ShowOptions::format).distinct().toList();
        if (rate != null && all.equals(List.of(VideoFormat.PNG))) {
            throw new IllegalArgumentException("--rate does nothing for a png, which stands still");
        }
        return all;
    }

    private static VideoFormat format(String name) {
        return Arrays.stream(VideoFormat.values())
                .filter(format -> format.extension().equals(name.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "Unknown format '" + name + "'; known: " + Arrays.toString(VideoFormat.values())));
    }

    /** Returns frames per second; 0 for the model's. Throws if it is no rate. */
    double rate() {
        return rate == null ? 0 : new Shown(rate, 1).fps();
    }

    /** Returns pixels per pixel. Throws if it is no size. */
    int zoom() {
        return new Shown(1, zoom).zoom();
    }

    /** Returns how clips are shown. */
    Shown shown(double modelsRate) {
        return new Shown(rate == null ? modelsRate : rate, zoom);
    }
}
