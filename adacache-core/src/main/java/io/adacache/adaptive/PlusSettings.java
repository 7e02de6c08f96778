package io.adacache.adaptive;

import io.adacache.policy.Codebook;
import io.adacache.policy.Setting;
import io.adacache.policy.Settings;
import java.util.List;

/** The settings of AdaCache+: one of the first two is wanted, the others are for taking it apart. */
final class PlusSettings {
    /** What is kept. */
    enum Unit {
        /** The prediction, but with a codebook, whose distance is that of residuals, the stack's sum. */
        AUTO,
        /** The sum of the whole stack: embedding and final layer still run in reused steps. */
        STACK,
        /** The prediction: nothing of the model runs in reused steps. */
        CALL
    }

    /** How errors are weighed. */
    enum Weigh {
        /** By what they come to in the finished video, as measured; else all alike but for the last. */
        PROFILE,
        /** By what is assumed from the sampler's gains. */
        ASSUMED,
        /** All alike. */
        FLAT
    }

    static final Setting<Double> QUALITY = Setting.number(
                    "quality",
                    "relative error that a run of reused steps may add up to, as 0.05; less computes more; with calls it saves some of them")
            .where(value -> value > 0, "greater than 0")
            .or(0.1);
    static final Setting<Integer> CALLS = Setting.integer(
                    "calls", "steps that are computed at most; spent where they are worth most")
            .where(value -> value >= 1, "1 or more");
    static final Setting<Integer> FIRST = Setting.integer("first", "steps at the beginning that are computed")
            .where(value -> value >= 1, "1 or more")
            .or(2);
    static final Setting<Integer> LAST = Setting.integer("last", "steps at the end that are computed")
            .where(value -> value >= 0, "0 or more")
            .or(1);
    static final Setting<Integer> GAP = Setting.integer(
                    "gap",
                    "steps from one computation to the next at most; default: a third of the steps; not with calls")
            .where(value -> value >= 1, "1 or more");
    static final Setting<Integer> FORECAST = Setting.integer(
                    "forecast",
                    "highest order of the forecasts of reused steps: 0 repeats, 1 damped linear, 2 quadratic too")
            .where(value -> value >= 0 && value <= 2, "0 to 2")
            .or(2);
    static final Setting<Weigh> WEIGH = Setting.choice(
                    "weigh",
                    Weigh.class,
                    "errors by the profile, without one all alike but for the last; by what the sampler does (assumed); or all alike (flat)")
            .or(Weigh.PROFILE);
    static final Setting<List<Double>> PROFILE = Setting.numbers(
                    "profile",
                    "what an error in each step comes to, measured; default: the same in all, more in the last")
            .where(values -> !values.isEmpty() && values.stream().allMatch(value -> value >= 0), "0 or more each");
    static final Setting<Unit> UNIT = Setting.choice(
                    "unit",
                    Unit.class,
                    "what is kept: call (the prediction), stack (the sum of all blocks), or auto: call, with a codebook stack")
            .or(Unit.AUTO);
    static final Setting<Double> WATCH = Setting.number(
                    "watch",
                    "computes early where the latent has moved so many times as far as its speed foretold; 0 does not look")
            .where(value -> value >= 0, "0 or more")
            .or(0);
    static final Setting<Codebook> CODEBOOK = Setting.of(
            "codebook",
            "thresholds and rates of AdaCache's own distance instead of quality or calls",
            "threshold:rate;threshold:rate",
            Codebook::parse);

    private PlusSettings() {}

    /** Returns whether predictions are kept, and not the stack's sum. */
    static boolean keepsPredictions(Settings settings) {
        Unit unit = settings.get(UNIT);
        return unit == Unit.CALL || (unit == Unit.AUTO && !settings.isGiven(CODEBOOK));
    }

    /** Returns all, in the order in which help shows them. */
    static List<Setting<?>> all() {
        return List.of(
                QUALITY,
                CALLS,
                FIRST,
                LAST,
                GAP,
                FORECAST,
                WEIGH,
                PROFILE,
                UNIT,
                WATCH,
                CODEBOOK,
                AdaptiveSettings.ROWS);
    }
}
