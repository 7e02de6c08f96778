package io.adacache.adaptive;

// Why the constants are these: docs/decisions/0006.

import static io.adacache.adaptive.AdaptiveSettings.MOTION_DIVISOR;
import static io.adacache.adaptive.AdaptiveSettings.MOTION_GRADIENT;
import static io.adacache.adaptive.AdaptiveSettings.MOTION_POWER;
import static io.adacache.adaptive.AdaptiveSettings.MOTION_SCALE;
import static io.adacache.adaptive.AdaptiveSettings.MOTION_STRIDES;
import static io.adacache.adaptive.AdaptiveSettings.MOTION_WINDOW;

import io.adacache.policy.Figures;
import io.adacache.policy.Settings;
import io.adacache.policy.Settings.Range;
import java.util.List;
import java.util.Optional;

/**
 * Caches less where the video moves more: the distance is multiplied by a factor that grows with the motion score of the probe
 * and with its change.
 *
 * <p>Per stride i the motion score is {@code m_i = |r[i:] - r[:-i]| / (|r[i:]| + |r[:-i]|)}, r the probe cut into latent frames;
 * m is their mean (AdaCache, equation 7). Inside the window {@code f = (m / scale)^power / divisor}, outside {@code f = 1}. The
 * motion gradient is {@code g = gradientWeight (f - previous f) / gap} (equation 8), the previous f of the first measurement is
 * 1. The distance is multiplied by {@code f + |g|}. Normalisation, absolute value and constants are those of the published code
 * ({@code stdit3.py}, {@code configs/sample_adacache*.py}), which equation 9 does not show.
 *
 * @param scale motion score that leaves the distance as it is; 0.385 was chosen for Open-Sora
 * @param power how sharply the factor falls and rises around the scale; 8 for Open-Sora
 * @param divisor 1 in the published code
 * @param gradientWeight weight of the motion gradient; 10 in the published code, 0 for none
 * @param strides distances between compared latent frames
 * @param window steps of the window, from 1; where empty, a tenth of the steps at both ends lies outside it, and as published it is 4 to
 *     26 of 30
 */
record MotionRegularization(
        double scale,
        double power,
        double divisor,
        double gradientWeight,
        List<Integer> strides,
        Optional<Range> window) {
    static MotionRegularization of(Settings settings) {
        return new MotionRegularization(
                settings.get(MOTION_SCALE),
                settings.get(MOTION_POWER),
                settings.get(MOTION_DIVISOR),
                settings.get(MOTION_GRADIENT),
                settings.get(MOTION_STRIDES),
                settings.find(MOTION_WINDOW));
    }

    /** Returns the window for a number of steps: 4 to 26 of 30 and 10 to 90 of 100 as published; for others the same tenth (ours). */
    Range window(int steps) {
        int first = steps == 30 ? 4 : (int) Math.round(steps * 0.1);
        int last = steps == 30 ? 26 : (int) Math.round(steps * 0.9);
        return window.orElse(new Range(first, Math.max(first, last)));
    }

    /** Returns the motion factor f of a motion score inside the window. */
    double factor(double motion) {
        return Math.pow(motion / scale, power) / divisor;
    }

    /**
     * Adds the figures of one measurement; {@link Figures#METRIC} is the distance times the factor.
     *
     * @param distance per step of gap
     * @param factor of this measurement, 1 outside the window
     * @param previous factor of the measurement before
     * @param gap steps between both
     */
    Figures regularise(Figures figures, double distance, double motion, double factor, double previous, int gap) {
        double gradient = gradientWeight * (factor - previous) / gap;
        return figures.with(Figures.MOTION, motion)
                .with(Figures.MOTION_FACTOR, factor)
                .with(Figures.MOTION_GRADIENT, gradient)
                .with(Figures.METRIC, distance * (factor + Math.abs(gradient)));
    }
}
