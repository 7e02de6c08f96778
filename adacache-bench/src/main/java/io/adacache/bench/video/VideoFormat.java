package io.adacache.bench.video;

import io.adacache.bench.pipeline.Clip;
import io.adacache.bench.pipeline.Pictures;
import java.util.List;
import java.util.Locale;

/** A kind of file that a clip can be written as. */
public enum VideoFormat {
    /** Animated, 256 colours: shown everywhere, also in a mail. */
    GIF,
    /** All frames of the clip side by side in one picture. */
    PNG,
    /** H.264: what players, browsers and telephones play. */
    MP4,
    /** Animated, lossless: every colour as it was generated, in browsers. */
    WEBP;

    private static final int SHEET_ZOOM = 4;

    /** Returns the file's bytes. */
    public byte[] bytes(Clip clip, Shown shown) {
        return switch (this) {
            case GIF -> Pictures.gif(clip, shown.fps(), shown.zoom());
            case PNG -> Pictures.sheet(List.of(clip), Math.min(shown.zoom(), SHEET_ZOOM));
            case MP4, WEBP -> Encoder.encode(this, clip, shown);
        };
    }

    /** Returns what a file's name ends with, without the dot. */
    public String extension() {
        return name().toLowerCase(Locale.ROOT);
    }

    @Override
    public String toString() {
        return extension();
    }
}
