package io.adacache.adaptive;

import static io.adacache.adaptive.AdaptiveSettings.CODEBOOK;
import static io.adacache.adaptive.AdaptiveSettings.FIRST;
import static io.adacache.adaptive.AdaptiveSettings.FORECAST;
import static io.adacache.adaptive.AdaptiveSettings.FORECAST_DAMPING;
import static io.adacache.adaptive.AdaptiveSettings.FORECAST_REACH;
import static io.adacache.adaptive.AdaptiveSettings.FORECAST_SCHEME;
import static io.adacache.adaptive.AdaptiveSettings.LAST;
import static io.adacache.adaptive.AdaptiveSettings.LOCATION;
import static io.adacache.adaptive.AdaptiveSettings.METRIC;
import static io.adacache.adaptive.AdaptiveSettings.MOTION;
import static io.adacache.adaptive.AdaptiveSettings.ONLY;
import static io.adacache.adaptive.AdaptiveSettings.ONLY_BLOCKS;
import static io.adacache.adaptive.AdaptiveSettings.ONLY_WHERE;
import static io.adacache.adaptive.AdaptiveSettings.REFERENCE_EXACT;
import static io.adacache.adaptive.AdaptiveSettings.RESIDUAL;
import static io.adacache.adaptive.AdaptiveSettings.ROWS;
import static io.adacache.adaptive.AdaptiveSettings.SCHEDULE;
import static io.adacache.adaptive.AdaptiveSettings.SPANS;

import io.adacache.layout.Layout;
import io.adacache.layout.Layout.Granularity;
import io.adacache.layout.ResidualKind;
import io.adacache.layout.Site;
import io.adacache.metric.Metric;
import io.adacache.metric.Sums.Rows;
import io.adacache.policy.Codebook;
import io.adacache.policy.Forecast;
import io.adacache.policy.Settings;
import io.adacache.policy.Settings.Range;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What AdaCache's settings mean for one generation: read once, when it begins, and checked against layout and steps. */
final class AdaptiveConfig {
    final int steps;
    final Arithmetic arithmetic;
    final Codebook codebook;
    final Metric metric;
    final Rows rows;
    final Set<ResidualKind> residuals;
    final List<Location> locations;
    final @Nullable MotionRegularization motion;
    final Granularity granularity;
    final Predicate<Site> cached;
    final Forecast forecast;
    final boolean adaptsForecast;
    final boolean ownSchedules;
    final int first;
    final int last;
    final List<String> warnings = new ArrayList<>();

    AdaptiveConfig(Preset preset, Settings settings, Layout layout, int steps) {
        this.steps = steps;
        arithmetic = settings.get(REFERENCE_EXACT) ? PublishedCode.of(settings) : Arithmetic.SOUND;
        codebook = arithmetic.codebook(
                settings.find(CODEBOOK).orElseGet(() -> ofPreset(preset, settings.policy(), steps)));
        metric = settings.get(METRIC);
        rows = rows(settings);
        residuals = settings.get(RESIDUAL);
        locations = settings.get(LOCATION);
        motion = settings.get(MOTION) ? MotionRegularization.of(settings) : null;
        granularity = settings.get(SPANS);
        cached = cached(settings, layout);
        OptionalDouble damping = settings.get(FORECAST_DAMPING);
        adaptsForecast = damping.isEmpty();
        forecast = new Forecast(
                settings.get(FORECAST_SCHEME), settings.get(FORECAST), damping.orElse(1), settings.get(FORECAST_REACH));
        ownSchedules = settings.get(SCHEDULE) == AdaptiveSettings.Schedules.OWN;
        first = within(FIRST.name(), settings.get(FIRST), settings);
        last = within(LAST.name(), settings.get(LAST), settings);
    }

    private Codebook ofPreset(Preset preset, String policy, int steps) {
        Codebook published = preset.codebook(steps);
        int largest = Preset.largestRate(steps);
        Codebook limited = Preset.limited(published, largest);
        if (limited.equals(published)) {
            if (!Preset.isPublishedFor(steps)) {
                warnings.add(policy + " has published codebooks for 30 and for 100 steps; with " + steps
                        + " steps the nearer one is taken, and what speed and quality it has there is not known."
                        + " Calibrate for this number of steps ('calibrate'), or give a codebook");
            }
            return published;
        }
        warnings.add(policy + " has published codebooks for 30 and for 100 steps; with " + steps
                + " steps it reuses for a fifth of them at most (rate " + largest + "), which "
                + (largest == 1 ? "computes every step" : "saves little")
                + ". Give a codebook that was fitted for this number of steps");
        return limited;
    }

    private int within(String name, int value, Settings settings) {
        if (value >= steps && settings.isGiven(name.equals(FIRST.name()) ? FIRST : LAST) && steps > 1) {
            throw new IllegalArgumentException("Policy '" + settings.policy() + "' computes every step with " + name
                    + "=" + value + " of " + steps + " steps; give less, or choose the policy none");
        }
        return value;
    }

    private static Rows rows(Settings settings) {
        Rows rows = settings.get(ROWS);
        if (rows == Rows.ANY && settings.get(REFERENCE_EXACT)) {
            throw new IllegalArgumentException(
                    "Policy '" + settings.policy() + "' reproduces the published code, which adds"
                            + " the rows of a batch: leave out rows=any or reference-exact");
        }
        return rows;
    }

    private static Predicate<Site> cached(Settings settings, Layout layout) {
        Predicate<Site> cached = site -> true;
        if (settings.isGiven(ONLY)) {
            Set<ResidualKind> kinds = settings.get(ONLY);
            cached = cached.and(site -> kinds.contains(site.kind()));
        }
        if (settings.isGiven(ONLY_BLOCKS)) {
            List<Range> blocks = settings.get(ONLY_BLOCKS);
            blocks.forEach(range -> checkBlocks(range, settings, layout));
            cached = cached.and(site -> blocks.stream().anyMatch(range -> range.contains(site.block())));
        }
        if (settings.isGiven(ONLY_WHERE)) {
            cached = cached.and(settings.get(ONLY_WHERE));
        }
        boolean chosen = settings.isGiven(ONLY) || settings.isGiven(ONLY_BLOCKS);
        if (chosen && layout.sites().stream().noneMatch(cached)) {
            throw new IllegalArgumentException(
                    "Policy '" + settings.policy() + "' caches nothing of this model: no site of its "
                            + layout + " is among those that are chosen. Its kinds are "
                            + layout.sites().stream()
                                    .map(site -> site.kind().id())
                                    .distinct()
                                    .collect(Collectors.joining(", ")));
        }
        return cached;
    }

    private static void checkBlocks(Range range, Settings settings, Layout layout) {
        if (layout.sites().stream().noneMatch(site -> range.contains(site.block()))) {
            throw new IllegalArgumentException("Setting '" + ONLY_BLOCKS + "' of policy '" + settings.policy()
                    + "' names the blocks " + range + ", but this model's are "
                    + layout.sites().stream().mapToInt(Site::block).min().orElse(0) + " to "
                    + layout.sites().stream().mapToInt(Site::block).max().orElse(0));
        }
    }
}
