package io.adacache.bench.report;

import java.util.List;
import java.util.Locale;

/** A margin in words. */
final class MarginText {
    private MarginText() {}

    /** Returns method, its fastest setting, least lead, where, mean lead, share of the range in which AdaCache is behind. */
    static List<String> of(Curves.Margin margin, int decimals) {
        if (margin.least() == null) {
            return List.of(margin.rival(), Format.times(margin.to()), "-", "-", "-", "never faster than 1.05x");
        }
        return List.of(
                margin.rival(),
                Format.times(margin.to()),
                signed(margin.least(), decimals),
                Format.times(margin.at()),
                signed(margin.mean(), decimals),
                Format.number(margin.behind() * 100, 0) + " %");
    }

    private static String signed(double value, int decimals) {
        return String.format(Locale.ROOT, "%+." + decimals + "f", value);
    }
}
