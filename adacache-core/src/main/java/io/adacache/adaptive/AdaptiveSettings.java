package io.adacache.adaptive;

import io.adacache.layout.Layout.Granularity;
import io.adacache.layout.ResidualKind;
import io.adacache.layout.Site;
import io.adacache.metric.Metric;
import io.adacache.metric.Sums.Rows;
import io.adacache.policy.Codebook;
import io.adacache.policy.Forecast;
import io.adacache.policy.Setting;
import io.adacache.policy.Settings.Range;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/** The settings of AdaCache: each declared once, for texts and for code alike. */
public final class AdaptiveSettings {
    /** Whether all spans have one schedule, or each its own. */
    public enum Schedules {
        /** One for all. */
        COMMON,
        /** Each of the spans (sites or pairs) by its own distance. */
        OWN
    }

    private static final String KINDS =
            "parted by ';' or '+': spatial-attention, temporal-attention, joint-attention, cross-attention, mlp";

    /** Thresholds and rates. */
    public static final Setting<Codebook> CODEBOOK = Setting.of(
            "codebook",
            "threshold:rate;threshold:rate, ascending; default: the preset's for the steps",
            "threshold:rate;threshold:rate",
            Codebook::parse);

    /** Motion regularisation. */
    public static final Setting<Boolean> MOTION =
            Setting.flag("motion", "motion regularisation: true or false").or(false);

    /** Its scale. */
    public static final Setting<Double> MOTION_SCALE = positive(
                    Setting.number("motion-scale", "motion score that changes nothing; 0.385 was chosen for Open-Sora"))
            .or(0.385);

    /** Its power. */
    public static final Setting<Double> MOTION_POWER = Setting.number(
                    "motion-power", "how sharply the motion factor rises")
            .or(8);

    /** Its divisor. */
    public static final Setting<Double> MOTION_DIVISOR = positive(
                    Setting.number("motion-divisor", "divisor of the motion factor"))
            .or(1);

    /** The weight of its gradient. */
    public static final Setting<Double> MOTION_GRADIENT = Setting.number(
                    "motion-gradient", "weight of the motion gradient, 0 for none")
            .where(value -> value >= 0, "0 or more")
            .or(10);

    /** Its strides. */
    public static final Setting<List<Integer>> MOTION_STRIDES = Setting.list(
                    "motion-strides",
                    "distances between compared frames, as 1;2",
                    "whole numbers, as 1;2",
                    Integer::valueOf)
            .or(1);

    /** Its window. */
    public static final Setting<Range> MOTION_WINDOW =
            Setting.range("motion-window", "steps with motion factor, as 4-26; default: by the steps");

    /** How finely residuals are kept. */
    public static final Setting<Granularity> SPANS = Setting.choice(
                    "spans", Granularity.class, "what is kept as one: fused, pairs or sites")
            .or(Granularity.FUSED);

    /** The metric. */
    public static final Setting<Metric> METRIC = Setting.of(
                    "metric", "distance: l1, l2 or cosine", "l1, l2 or cosine", Metric::of)
            .or("l1");

    /** How the rows of a batch make one decision. */
    public static final Setting<Rows> ROWS = Setting.rows();

    /** What is measured. */
    public static final Setting<Set<ResidualKind>> RESIDUAL = kinds(
                    "residual", "what is measured: kinds " + KINDS + "; ca-mlp for both last")
            .or("temporal-attention");

    /** Where it is measured. */
    public static final Setting<List<Location>> LOCATION = Setting.of(
                    "location",
                    "where: start, middle, end, block indices, parted by ';' or '+'; several for start, middle and end",
                    "start, middle, end, several or block indices",
                    Location::parseAll)
            .or("middle");

    /** Kinds that are cached. */
    public static final Setting<Set<ResidualKind>> ONLY =
            kinds("only", "cache these kinds alone, " + KINDS + "; default: all");

    /** Blocks that are cached. */
    public static final Setting<List<Range>> ONLY_BLOCKS =
            Setting.ranges("only-blocks", "cache these blocks alone, as 0-13;20; default: all");

    /** Schedules. */
    public static final Setting<Schedules> SCHEDULE = Setting.choice(
                    "schedule",
                    Schedules.class,
                    "common for all, or own: each of the spans (sites or pairs) by its distance")
            .or(Schedules.COMMON);

    /** Steps computed at the beginning. */
    public static final Setting<Integer> FIRST = Setting.integer(
                    "first", "steps at the beginning that are computed whatever the distance")
            .where(value -> value >= 1, "1 or more")
            .or(1);

    /** Steps computed at the end. */
    public static final Setting<Integer> LAST = Setting.integer(
                    "last", "steps at the end that are computed whatever the distance")
            .where(value -> value >= 0, "0 or more")
            .or(2);

    /** Order of the forecast. */
    public static final Setting<Integer> FORECAST = Setting.integer(
                    "forecast", "order of the forecast of reused residuals: 0 repeats them, 1 or 2")
            .where(value -> value >= 0 && value <= 4, "0 to 4")
            .or(0);

    /** Scheme of the forecast. */
    public static final Setting<Forecast.Scheme> FORECAST_SCHEME = Setting.choice(
                    "forecast-scheme", Forecast.Scheme.class, "polynomial through the kept sums, or taylor")
            .or(Forecast.Scheme.POLYNOMIAL);

    /** Damping of the forecast; empty: by how well the last one held. */
    public static final Setting<OptionalDouble> FORECAST_DAMPING = Setting.of(
                    "forecast-damping",
                    "of the forecast: auto as well as the last one held; 1 in full, 0 repeats",
                    "auto or a number",
                    text -> text.equals("auto") ? OptionalDouble.empty() : OptionalDouble.of(Double.parseDouble(text)))
            .or("auto");

    /** Reach of the forecast. */
    public static final Setting<Double> FORECAST_REACH = Setting.of(
                    "forecast-reach",
                    "how far ahead at most, relative to the way between the last two kept sums",
                    "a number, 0 or more",
                    Double::valueOf)
            .where(value -> value >= 0, "0 or more")
            .or(1);

    /** The published code's faults. */
    public static final Setting<Boolean> REFERENCE_EXACT = Setting.flag(
                    "reference-exact", "reproduce the published code with its faults: true or false")
            .or(false);

    /** In code alone: which sites are cached. */
    public static final Setting<Predicate<Site>> ONLY_WHERE = inCode("only-where");

    /** In code alone: the motion factors that a generation before left behind. */
    public static final Setting<List<Double>> MOTION_LEFT_BEHIND = inCode("motion-left-behind");

    private AdaptiveSettings() {}

    /** Returns all that texts can set, in the order in which help shows them. */
    static List<Setting<?>> all(boolean motion) {
        return List.of(
                CODEBOOK,
                MOTION.or(motion),
                MOTION_SCALE,
                MOTION_POWER,
                MOTION_DIVISOR,
                MOTION_GRADIENT,
                MOTION_STRIDES,
                MOTION_WINDOW,
                SPANS,
                METRIC,
                ROWS,
                RESIDUAL,
                LOCATION,
                ONLY,
                ONLY_BLOCKS,
                SCHEDULE,
                FIRST,
                LAST,
                FORECAST,
                FORECAST_SCHEME,
                FORECAST_DAMPING,
                FORECAST_REACH,
                REFERENCE_EXACT);
    }

    private static Setting<Double> positive(Setting<Double> setting) {
        return setting.where(value -> value > 0, "greater than 0");
    }

    private static Setting<Set<ResidualKind>> kinds(String name, String help) {
        return Setting.of(name, help, "residual kinds, parted by ';' or '+'", text -> {
            Set<ResidualKind> kinds = new LinkedHashSet<>();
            for (String part : text.split("[;+]", -1)) {
                kinds.addAll(
                        part.trim().equals("ca-mlp")
                                ? List.of(ResidualKind.CROSS_ATTENTION, ResidualKind.MLP)
                                : List.of(ResidualKind.of(part.trim())));
            }
            return Set.copyOf(kinds);
        });
    }

    private static <V> Setting<V> inCode(String name) {
        Function<String, V> never = text -> {
            throw new IllegalArgumentException("set in code alone");
        };
        return Setting.of(name, "set in code alone", "set in code alone", never);
    }
}
