package io.adacache.rivals;

import static io.adacache.adaptive.AdaptiveSettings.FORECAST;
import static io.adacache.adaptive.AdaptiveSettings.FORECAST_DAMPING;
import static io.adacache.adaptive.AdaptiveSettings.FORECAST_REACH;
import static io.adacache.adaptive.AdaptiveSettings.FORECAST_SCHEME;

import io.adacache.adaptive.Gram;
import io.adacache.adaptive.Straightness;
import io.adacache.layout.Layout;
import io.adacache.layout.Part;
import io.adacache.layout.Span;
import io.adacache.metric.Measure;
import io.adacache.metric.Measure.Reference;
import io.adacache.metric.Metric;
import io.adacache.metric.Probe;
import io.adacache.metric.Sums;
import io.adacache.metric.Sums.Rows;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Decision;
import io.adacache.policy.Figures;
import io.adacache.policy.Forecast;
import io.adacache.policy.Forecast.Scheme;
import io.adacache.policy.Generation;
import io.adacache.policy.PolicyProvider;
import io.adacache.policy.PolicyRun;
import io.adacache.policy.Setting;
import io.adacache.policy.Settings;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Forecasts as an option of policies that repeat one part: the same decisions, and in reused steps a weighted sum of what was kept
 * instead of the newest.
 *
 * <p>With {@code forecast-shrink} the forecast is drawn back to the newest sum where two forecasts of it disagree, as in RACER (arXiv
 * 2608.01740): {@code newest + s (forecast - newest)}, {@code s = exp(-0.3 max(k - 1, 0)) / (1 + exp(-4 (theta - r)))}, k steps ahead, r
 * the distance of the quadratic from the linear forecast over the norm of the newest sum. RACER compares a Chebyshev with a Taylor
 * forecast of a longer history; its theta is fitted (0.15 to 0.4 there).
 */
final class Forecasting implements CachePolicy {
    /** A run that reuses one part and nothing else, and always repeats it. */
    interface OfOnePart extends PolicyRun {
        /** Returns the part. */
        Part reused();

        @Override
        default List<? extends Part> plan(StepView step) {
            return List.of(reused());
        }
    }

    private static final Setting<Optional<Double>> SHRINK = Setting.of(
                    "forecast-shrink",
                    "draws forecasts back where two of them disagree by more than this, as 0.25 (RACER); none for never",
                    "none or a number",
                    text -> text.equals("none") ? Optional.<Double>empty() : Optional.of(Double.valueOf(text)))
            .or("none");

    private final CachePolicy policy;
    private final Forecast forecast;
    private final boolean adapts;
    private final Optional<Double> shrink;
    private final Rows rows;

    private Forecasting(CachePolicy policy, Settings settings, Rows rows) {
        this.rows = rows;
        this.policy = policy;
        OptionalDouble damping = settings.get(FORECAST_DAMPING);
        this.forecast = new Forecast(
                settings.get(FORECAST_SCHEME), settings.get(FORECAST), damping.orElse(1), settings.get(FORECAST_REACH));
        this.adapts = damping.isEmpty();
        this.shrink = settings.get(SHRINK);
    }

    /** Returns the provider of the same policy with settings of a forecast, which is off unless they ask for one. */
    static PolicyProvider optional(PolicyProvider provider) {
        boolean hasRows =
                provider.settings().stream().anyMatch(setting -> setting.name().equals(Scope.ROWS.name()));
        List<Setting<?>> settings = new ArrayList<>(provider.settings());
        settings.addAll(List.of(FORECAST, FORECAST_DAMPING, FORECAST_REACH, FORECAST_SCHEME, SHRINK));
        return PolicyProvider.of(
                provider.name(),
                provider.summary(),
                provider.shorthand().orElse(null),
                settings,
                given -> given.get(FORECAST) == 0
                        ? provider.create(given)
                        : new Forecasting(provider.create(given), given, hasRows ? given.get(Scope.ROWS) : Rows.MEAN));
    }

    @Override
    public String name() {
        return policy.name();
    }

    @Override
    public Set<Requirement> requirements() {
        return policy.requirements();
    }

    @Override
    public PolicyRun begin(Layout layout, Generation generation) {
        return new Run((OfOnePart) policy.begin(layout, generation));
    }

    private final class Run implements PolicyRun {
        private final OfOnePart repeating;
        private final Probe probe;
        private final @Nullable Straightness straightness;
        private final Measure.Distance toLast;
        private final Measure.Distance toLastButOne;
        private final Gram gram = new Gram(3);
        private final Deque<Integer> kept = new ArrayDeque<>();
        private double norm = Double.NaN;
        private boolean keeps;

        Run(OfOnePart repeating) {
            this.repeating = repeating;
            Part part = repeating.reused();
            this.probe = part instanceof Span span
                    ? new Probe.SpanSum(span)
                    : part == Part.Call.CHANGE ? new Probe.Change() : new Probe.Prediction();
            this.straightness = adapts ? new Straightness(probe, forecast, rows) : null;
            this.toLast = new Measure.Distance(probe, Metric.L2, Reference.LAST_TAKEN);
            this.toLastButOne = new Measure.Distance(probe, Metric.L2, Reference.LAST_BUT_ONE_TAKEN);
        }

        @Override
        public List<Measure> measures() {
            Set<Measure> measures = new LinkedHashSet<>(repeating.measures());
            if (adapts || shrink.isPresent()) {
                measures.add(toLast);
                measures.add(toLastButOne);
            }
            return List.copyOf(measures);
        }

        @Override
        public int history() {
            return Math.max(forecast.history(), repeating.history());
        }

        @Override
        public List<String> warnings() {
            return repeating.warnings();
        }

        @Override
        public boolean needs(String branch, int step) {
            return repeating.needs(branch, step);
        }

        @Override
        public List<? extends Part> plan(StepView step) {
            return repeating.plan(step);
        }

        @Override
        public Decision decide(Part part, StepView step) {
            Decision decision = repeating.decide(part, step);
            if (!part.equals(repeating.reused())) {
                return decision;
            }
            keeps = decision instanceof Decision.Compute compute && compute.keep();
            return decision instanceof Decision.Reuse reuse
                    ? new Decision.Reuse(reuse.reason(), weights(step.step()))
                    : decision;
        }

        private double[] weights(int at) {
            double[] positions = kept.stream().mapToDouble(Integer::doubleValue).toArray();
            Forecast now = straightness == null ? forecast : straightness.forecast();
            double[] weights = now.weights(positions, at);
            double share = shrink.map(theta -> trust(theta, positions, at)).orElse(1.0);
            for (int i = 0; i < weights.length; i++) {
                weights[i] = (i == 0 ? 1 - share : 0) + share * weights[i];
            }
            return weights;
        }

        /** How much of a forecast is taken, by how far two forecasts are from each other. */
        private double trust(double theta, double[] positions, int at) {
            double ahead = at - positions[0];
            double age = Math.exp(-0.3 * Math.max(ahead - 1, 0));
            if (gram.size() < 3 || positions.length < 2) {
                return age;
            }
            double[] known = {gram.step(0), gram.step(1), gram.step(2)};
            double[] one = new Forecast(Scheme.POLYNOMIAL, 2, 1, Double.POSITIVE_INFINITY).weights(known, at);
            double[] other = new Forecast(Scheme.POLYNOMIAL, 1, 1, Double.POSITIVE_INFINITY).weights(known, at);
            double risk = gram.disagreement(one, other) / norm;
            return Double.isFinite(risk) ? age / (1 + Math.exp(-4 * (theta - risk))) : 0;
        }

        @Override
        public List<Figures> completed(StepView step) {
            if (keeps) {
                if (straightness != null) {
                    straightness.measured(step, kept);
                }
                if (shrink.isPresent()) {
                    remember(step);
                }
                kept.addFirst(step.step());
                if (kept.size() > forecast.history()) {
                    kept.removeLast();
                }
            }
            return repeating.completed(step);
        }

        /** What {@link #trust} asks for. */
        private void remember(StepView step) {
            Optional<Sums> last = step.distance(toLast);
            norm = last.map(sums -> Math.sqrt(sums.total()[2])).orElse(Double.NaN);
            List<Double> known = new ArrayList<>();
            last.ifPresent(sums -> known.add(sums.total()[0]));
            step.distance(toLastButOne).ifPresent(sums -> known.add(sums.total()[0]));
            gram.push(
                    step.step(), known.stream().mapToDouble(Double::doubleValue).toArray());
        }
    }
}
