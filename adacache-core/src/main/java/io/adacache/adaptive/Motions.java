package io.adacache.adaptive;

import static io.adacache.adaptive.AdaptiveSettings.MOTION;
import static io.adacache.adaptive.AdaptiveSettings.MOTION_DIVISOR;
import static io.adacache.adaptive.AdaptiveSettings.MOTION_GRADIENT;
import static io.adacache.adaptive.AdaptiveSettings.MOTION_POWER;
import static io.adacache.adaptive.AdaptiveSettings.MOTION_SCALE;
import static io.adacache.adaptive.AdaptiveSettings.MOTION_STRIDES;
import static io.adacache.adaptive.AdaptiveSettings.MOTION_WINDOW;

import io.adacache.policy.MotionRegularization;
import io.adacache.policy.Settings;
import org.jspecify.annotations.Nullable;

/** {@link MotionRegularization} as settings, both ways. */
public final class Motions {
    private Motions() {}

    static MotionRegularization read(Settings settings) {
        return new MotionRegularization(
                settings.get(MOTION_SCALE),
                settings.get(MOTION_POWER),
                settings.get(MOTION_DIVISOR),
                settings.get(MOTION_GRADIENT),
                settings.get(MOTION_STRIDES),
                settings.find(MOTION_WINDOW));
    }

    /** Returns the settings with a motion regularisation, or without one. */
    public static Settings write(Settings settings, @Nullable MotionRegularization motion) {
        if (motion == null) {
            return settings.with(MOTION, false);
        }
        Settings written = settings.with(MOTION, true)
                .with(MOTION_SCALE, motion.scale())
                .with(MOTION_POWER, motion.power())
                .with(MOTION_DIVISOR, motion.divisor())
                .with(MOTION_GRADIENT, motion.gradientWeight())
                .with(MOTION_STRIDES, motion.strides());
        return motion.window().isEmpty()
                ? written
                : written.with(MOTION_WINDOW, motion.window().get());
    }
}
