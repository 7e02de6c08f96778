package io.adacache;

import io.adacache.layout.ResidualKind;
import io.adacache.layout.Site;
import io.adacache.metric.Metric;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Codebook;
import io.adacache.policy.Forecast;
import io.adacache.policy.PolicyProvider;
import io.adacache.policy.Setting;
import io.adacache.policy.Settings;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.Predicate;

/** Makes {@link AdaCache} policies from settings: one provider per preset, with and without motion regularisation. */
final class AdaCacheProvider implements PolicyProvider {
    private static final String MOTION_SUFFIX = "-moreg";
    private static final String KINDS =
            "parted by ';' or '+': spatial-attention, temporal-attention, joint-attention," + " cross-attention, mlp";

    private enum Schedule {
        COMMON,
        OWN
    }

    private final String name;
    private final String summary;
    private final IntFunction<AdaCache> preset;

    private AdaCacheProvider(String name, String summary, IntFunction<AdaCache> preset) {
        this.name = name;
        this.summary = summary;
        this.preset = preset;
    }

    static List<PolicyProvider> all() {
        List<PolicyProvider> all = new ArrayList<>();
        add(all, "adacache", "AdaCache, every switch open; starts from the fast preset", AdaCache::fast);
        add(all, "adacache-fast", "AdaCache, the published fast codebooks for 30 and 100 steps", AdaCache::fast);
        add(all, "adacache-medium", "AdaCache between fast and slow; thresholds ours", AdaCache::medium);
        add(all, "adacache-slow", "AdaCache, the published slow codebook for 30 steps; for 100 ours", AdaCache::slow);
        return all;
    }

    private static void add(List<PolicyProvider> all, String name, String summary, IntFunction<AdaCache> preset) {
        all.add(new AdaCacheProvider(name, summary, preset));
        all.add(new AdaCacheProvider(name + MOTION_SUFFIX, summary + "; with motion regularisation", preset));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String summary() {
        return summary;
    }

    @Override
    public List<Setting> settings() {
        return List.of(
                Setting.unset(
                        "codebook", "threshold:rate;threshold:rate, ascending; default: the preset's for the steps"),
                Setting.of("motion", name.endsWith(MOTION_SUFFIX), "motion regularisation: true or false"),
                Setting.unset("motion-scale", "motion score that changes nothing; default 0.385 (Open-Sora)"),
                Setting.unset("motion-power", "how sharply the motion factor rises; default 8"),
                Setting.unset("motion-divisor", "divisor of the motion factor; default 1"),
                Setting.unset("motion-gradient", "weight of the motion gradient, 0 for none; default 10"),
                Setting.unset("motion-strides", "distances between compared frames, as 1;2; default 1"),
                Setting.unset("motion-window", "steps with motion factor, as 4-26; default: by the steps"),
                Setting.of("spans", "fused", "what is kept as one: fused, pairs or sites"),
                Setting.of("metric", "l1", "distance: l1, l2 or cosine"),
                Setting.of(
                        "residual",
                        "temporal-attention",
                        "what is measured: kinds " + KINDS + "; ca-mlp for both last"),
                Setting.of(
                        "location",
                        "middle",
                        "where: start, middle, end, block indices, parted by ';' or '+';"
                                + " several for start, middle and end"),
                Setting.unset("only", "cache these kinds alone, " + KINDS + "; default: all"),
                Setting.unset("only-blocks", "cache these blocks alone, as 0-13;20; default: all"),
                Setting.of(
                        "schedule",
                        "common",
                        "common for all, or own: each of the spans (sites or pairs) by its distance"),
                Setting.of("first", 1, "steps at the beginning that are computed whatever the distance"),
                Setting.of("last", 2, "steps at the end that are computed whatever the distance"),
                Setting.of("forecast", 0, "order of the forecast of reused residuals: 0 repeats them, 1 or 2"),
                Setting.of(
                        "forecast-damping",
                        "auto",
                        "of the forecast: auto as well as the last one held; 1 in full, 0 repeats"),
                Setting.of(
                        "forecast-reach",
                        1,
                        "how far ahead at most, relative to the way between the last two kept sums"),
                Setting.of("reference-exact", false, "reproduce the published code with its faults: true or false"));
    }

    @Override
    public CachePolicy create(Settings settings) {
        AdaCache.Builder builder = preset.apply(settings.steps()).toBuilder().label(settings.label());
        settings.text("codebook").ifPresent(text -> builder.codebook(codebook(settings)));
        if (settings.flag("motion")) {
            builder.motion(motion(settings));
        }
        builder.granularity(settings.value("spans", "fused, pairs or sites", Granularity::of));
        builder.metric(settings.value("metric", "l1, l2 or cosine", Metric::of));
        builder.residuals(kinds(settings, "residual"));
        builder.locations(
                settings.text("location").filter("several"::equals).isPresent()
                        ? List.of(Location.Relative.values())
                        : settings.list("location", "start, middle, end, several or block indices", Location::parse));
        builder.only(cached(settings));
        builder.forced(settings.integer("first"), settings.integer("last"));
        boolean adapts =
                settings.text("forecast-damping").filter("auto"::equals).isPresent();
        builder.forecast(new Forecast(
                Forecast.Scheme.POLYNOMIAL,
                settings.integer("forecast"),
                adapts ? 1 : settings.number("forecast-damping"),
                settings.number("forecast-reach")));
        if (adapts) {
            builder.adaptForecast();
        }
        if (settings.choice("schedule", Schedule.class) == Schedule.OWN) {
            builder.ownSchedules();
        }
        if (settings.flag("reference-exact")) {
            builder.referenceExact();
        }
        return builder.build();
    }

    private static Codebook codebook(Settings settings) {
        return settings.value("codebook", "threshold:rate;threshold:rate", Codebook::parse);
    }

    private static MotionRegularization motion(Settings settings) {
        MotionRegularization base = MotionRegularization.forSteps(settings.steps());
        Settings.Range window = settings.isGiven("motion-window")
                ? settings.range("motion-window")
                : new Settings.Range(base.firstStep(), base.lastStep());
        return new MotionRegularization(
                number(settings, "motion-scale", base.scale()),
                number(settings, "motion-power", base.power()),
                number(settings, "motion-divisor", base.divisor()),
                number(settings, "motion-gradient", base.gradientWeight()),
                settings.isGiven("motion-strides")
                        ? settings.list("motion-strides", "whole numbers, as 1;2", Integer::valueOf)
                        : base.strides(),
                window.first(),
                window.last());
    }

    private static double number(Settings settings, String name, double otherwise) {
        return settings.isGiven(name) ? settings.number(name) : otherwise;
    }

    private static Set<ResidualKind> kinds(Settings settings, String name) {
        Set<ResidualKind> kinds = EnumSet.noneOf(ResidualKind.class);
        settings.list(
                        name,
                        "residual kinds, parted by ';' or '+'",
                        text -> text.equals("ca-mlp")
                                ? List.of(ResidualKind.CROSS_ATTENTION, ResidualKind.MLP)
                                : List.of(ResidualKind.of(text)))
                .forEach(kinds::addAll);
        return kinds;
    }

    private static Predicate<Site> cached(Settings settings) {
        Predicate<Site> cached = site -> true;
        if (settings.isGiven("only")) {
            Set<ResidualKind> kinds = kinds(settings, "only");
            cached = cached.and(site -> kinds.contains(site.kind()));
        }
        if (settings.isGiven("only-blocks")) {
            List<Settings.Range> blocks = settings.ranges("only-blocks");
            cached = cached.and(site -> blocks.stream().anyMatch(range -> range.contains(site.block())));
        }
        return cached;
    }
}
