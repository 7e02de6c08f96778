package io.adacache.bench.report;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Figures as text. */
final class Format {
    private static final double STEP = 1024;

    private Format() {}

    /** Returns a number with so many decimals, or a dash where it does not apply. */
    static String number(@Nullable Double value, int decimals) {
        return value == null ? "-" : String.format(Locale.ROOT, "%." + decimals + "f", value);
    }

    /** Returns a factor: {@code 2.41x}. */
    static String times(double value) {
        return number(value, 2) + "x";
    }

    /** Returns the learned perceptual distance, or why there is none. */
    static String lpips(Summary summary) {
        return summary.policy().equals(Comparison.UNCACHED)
                ? "-"
                : summary.lpips() == null ? "no network" : number(summary.lpips(), 4);
    }

    /** Returns how much motion is kept: the mean, and the clip that lost most. */
    static String motionKept(Summary summary) {
        return summary.motionKept() == null
                ? "-"
                : number(summary.motionKept(), 2) + " (" + number(summary.leastMotionKept(), 2) + ")";
    }

    /** Returns bytes in the largest unit that leaves a number of 1 or more. */
    static String bytes(long bytes) {
        double value = bytes;
        for (String unit : new String[] {"B", "KiB", "MiB"}) {
            if (value < STEP) {
                return number(value, value < 10 && !unit.equals("B") ? 1 : 0) + " " + unit;
            }
            value /= STEP;
        }
        return number(value, 1) + " GiB";
    }

    /** Returns text that can stand in HTML and in its attributes. */
    static String html(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    /** Returns a coordinate of a drawing. */
    static String place(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }
}
