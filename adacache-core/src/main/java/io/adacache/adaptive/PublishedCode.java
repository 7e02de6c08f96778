package io.adacache.adaptive;

import static io.adacache.adaptive.AdaptiveSettings.MOTION_LEFT_BEHIND;

import io.adacache.metric.Sums;
import io.adacache.policy.Codebook;
import io.adacache.policy.Codebook.Entry;
import io.adacache.policy.Settings;
import java.util.ArrayList;
import java.util.List;

/**
 * The published code's faults, all of them: for the replay of recorded runs, and for nothing else. Source: {@code stdit3.py} of the
 * published code. Each has a decision record: the gap {@code 0002}, not-a-number {@code 0003}, what a generation leaves behind
 * {@code 0004}.
 */
final class PublishedCode extends Arithmetic {
    private static final int ENTRIES = 6;

    private final List<Double> leftBehind;

    private PublishedCode(List<Double> leftBehind) {
        this.leftBehind = leftBehind;
    }

    static PublishedCode of(Settings settings) {
        return new PublishedCode(settings.isGiven(MOTION_LEFT_BEHIND) ? settings.get(MOTION_LEFT_BEHIND) : List.of());
    }

    /** Thresholds and rates 1 to 5 and the last rate; of a longer codebook the entries between are never looked at. */
    @Override
    Codebook codebook(Codebook given) {
        List<Entry> entries = given.entries();
        if (entries.size() <= ENTRIES) {
            return given;
        }
        List<Entry> read = new ArrayList<>(entries.subList(0, ENTRIES - 1));
        read.add(entries.get(entries.size() - 1));
        return new Codebook(read);
    }

    /** The scheduled gap, even where a forced step made the true one shorter. */
    @Override
    int gap(int rate, int gap) {
        return rate;
    }

    /** Also what is not a number, which then takes the last rate. */
    @Override
    boolean looksUp(double metric) {
        return true;
    }

    /** Also where there were too few frames: 0 over 0. */
    @Override
    boolean hasMotion(Sums sums) {
        return true;
    }

    /** The factor is carried over from one generation to the next. */
    @Override
    double firstFactor(int place) {
        return place < leftBehind.size() ? leftBehind.get(place) : 1;
    }
}
