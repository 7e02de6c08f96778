package io.adacache.adaptive;

import io.adacache.layout.Layout;
import io.adacache.layout.Part;
import io.adacache.metric.Measure;
import io.adacache.metric.Measure.Reference;
import io.adacache.metric.Metric;
import io.adacache.metric.Probe;
import io.adacache.metric.Sums;
import io.adacache.metric.Sums.Rows;
import io.adacache.policy.Decision;
import io.adacache.policy.Decision.Reason;
import io.adacache.policy.Figures;
import io.adacache.policy.Generation;
import io.adacache.policy.PolicyRun;
import io.adacache.policy.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One generation under AdaCache+. */
final class PlusRun implements PolicyRun {
    private static final List<Reference> KEPT =
            List.of(Reference.LAST_TAKEN, Reference.LAST_BUT_ONE_TAKEN, Reference.LAST_BUT_TWO_TAKEN);
    /** A run of reused steps is a third of a generation at most. */
    private static final int LARGEST_SHARE = 3;

    private static final double ROUNDING = 1e-6;

    private final Part part;
    private final int order;
    private final List<Measure.Distance> toKept = new ArrayList<>();
    private final RowErrors errors;
    private final Profile profile;
    private final Course course;
    private final Budget budget;
    private final double quality;
    /** Below this nothing is spent, whatever is left; 0 where only the budget counts. */
    private final double enough;

    private final int gap;
    private final @Nullable Watch watch;
    private final @Nullable Lookup lookup;
    private final List<String> warnings = new ArrayList<>();

    private int next = 1;
    private Reason reason = Reason.THRESHOLD;
    private boolean computes;

    PlusRun(Settings settings, Layout layout, Generation generation) {
        int steps = generation.steps();
        boolean whole = layout.isOpaque() || PlusSettings.keepsPredictions(settings);
        part = whole ? Part.Call.PREDICTION : layout.stack();
        Probe probe = whole ? new Probe.Prediction() : new Probe.SpanSum(layout.stack());
        order = settings.get(PlusSettings.FORECAST);
        for (int i = 0; i <= order; i++) {
            toKept.add(new Measure.Distance(probe, Metric.L2, KEPT.get(i)));
        }
        Rows rows = settings.get(AdaptiveSettings.ROWS);
        errors = new RowErrors(rows, order);
        profile = profile(settings, generation);
        course = new Course(generation);
        budget = new Budget(
                course,
                settings.find(PlusSettings.CALLS).orElse(null),
                settings.get(PlusSettings.FIRST),
                settings.get(PlusSettings.LAST));
        quality = settings.get(PlusSettings.QUALITY);
        boolean both = settings.isGiven(PlusSettings.CALLS) && settings.isGiven(PlusSettings.QUALITY);
        enough = both ? quality : 0;
        gap = settings.find(PlusSettings.GAP).orElse(Math.max(1, steps / LARGEST_SHARE));
        double factor = settings.get(PlusSettings.WATCH);
        watch = factor > 0 ? new Watch(factor, rows) : null;
        lookup = settings.find(PlusSettings.CODEBOOK)
                .map(codebook -> new Lookup(codebook, layout))
                .orElse(null);
        int calls = settings.find(PlusSettings.CALLS).orElse(0);
        if (calls >= steps && steps > 1) {
            warnings.add("Policy '" + settings.policy() + "' may compute " + calls + " of " + steps
                    + " steps, so it computes every one; give fewer calls");
        }
    }

    private static Profile profile(Settings settings, Generation generation) {
        return switch (settings.get(PlusSettings.WEIGH)) {
            case FLAT -> Profile.flat(generation.steps());
            case ASSUMED -> Profile.assumed(generation);
            case PROFILE ->
                settings.find(PlusSettings.PROFILE)
                        .map(measured -> Profile.of(measured, generation.steps()))
                        .orElseGet(() -> Profile.expected(generation));
        };
    }

    @Override
    public List<Measure> measures() {
        List<Measure> measures = new ArrayList<>(lookup == null || order > 0 ? toKept : List.of());
        if (watch != null) {
            measures.addAll(watch.measures());
        }
        if (lookup != null) {
            measures.add(lookup.measure());
        }
        return measures;
    }

    /** A codebook's lookup without forecasts needs no distances between what is kept, and has none measured. */
    private Optional<Sums> known(StepView step, Measure.Distance distance) {
        return lookup == null || order > 0 ? step.distance(distance) : Optional.empty();
    }

    @Override
    public int history() {
        return order + 1;
    }

    @Override
    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    @Override
    public List<Part> plan(StepView step) {
        return List.of(part);
    }

    @Override
    public Decision decide(Part decided, StepView step) {
        int n = step.step();
        step.affordable().ifPresent(this::afford);
        boolean wanted = n >= next
                || budget.hasTimeForAll(n, step.affordable().orElse(0))
                || (watch != null && watch.wakes(step, errors.gram()));
        boolean inTime = n == 1 || step.affordable().orElse(1) >= Budget.HALF;
        computes = step.mustCompute() || (inTime && (budget.isForced(n) || (wanted && budget.allows(n))));
        if (computes) {
            Reason why = n == 1 ? Reason.FIRST : budget.isForced(n) ? Reason.FORCED : reason;
            return Decision.compute(why);
        }
        Gram gram = errors.gram();
        return new Decision.Reuse(wanted ? Reason.CAP : reason, errors.outlook().weights(gram, n - gram.step(0)));
    }

    /** Takes over what the time that is left allows. That is another number in each step, and so is what was planned. */
    private void afford(double steps) {
        budget.afford(steps);
        Gram gram = errors.gram();
        if (lookup == null
                && gram.size() > 1
                && Double.isFinite(errors.outlook().error(1))) {
            next = next(gram.step(0), threshold(gram.step(0)));
        }
    }

    private double threshold(int computed) {
        return budget.isLimited() ? Math.max(enough, budget.threshold(computed, errors.outlook(), profile)) : quality;
    }

    private int next(int computed, double threshold) {
        return Budget.next(computed, end(computed), threshold, profile, errors.outlook()::error);
    }

    private int end(int computed) {
        return budget.isLimited() ? budget.end() : Math.min(budget.end(), computed + gap - 1);
    }

    /** Ends a step; if it was computed, plans the way to the next one. */
    @Override
    public List<Figures> completed(StepView step) {
        if (!computes) {
            return List.of();
        }
        int n = step.step();
        Gram gram = errors.gram();
        int before = gram.size() == 0 ? 0 : gram.step(0);
        budget.spend();
        errors.computed(
                n,
                toKept.stream()
                        .map(measure -> known(step, measure))
                        .flatMap(Optional::stream)
                        .toList());
        if (watch != null) {
            watch.computed(step, n - before);
        }
        if (lookup != null) {
            return looked(lookup, step, n - before);
        }
        return gram.size() < 2 ? unknown(n) : planned(n);
    }

    private List<Figures> unknown(int n) {
        next = n + 1;
        reason = n == 1 ? Reason.THRESHOLD : Reason.NOT_A_NUMBER;
        return List.of();
    }

    private List<Figures> planned(int n) {
        Outlook outlook = errors.outlook();
        Figures figures = Figures.none()
                .with(Figures.DISTANCE, errors.gram().error(1))
                .with(Figures.RATE_OF_CHANGE, outlook.measured())
                .with("forecast_damping", outlook.damping());
        if (!Double.isFinite(outlook.error(1))) {
            unknown(n);
            return List.of(figures.with(Figures.RATE, 1));
        }
        course.went(n, outlook.measured(), n - errors.gram().step(1));
        double threshold = threshold(n);
        next = next(n, threshold);
        reason = Reason.THRESHOLD;
        double cost = 0;
        for (int step = n + 1; step <= Math.min(next, budget.end()); step++) {
            cost += profile.weight(step) * outlook.error(step - n);
        }
        long against = errors.against(row -> differs(row, threshold, end(n), n));
        return List.of(figures.with("threshold", threshold)
                .with("cost", cost)
                .with(Figures.RATE, next - n)
                .withRowsAgainst(against));
    }

    /** Whether a row alone would have chosen another step, and not by a rounding of the threshold. */
    private boolean differs(Outlook row, double threshold, int end, int n) {
        return Budget.next(n, end, threshold * (1 - ROUNDING), profile, row::error) > next
                || Budget.next(n, end, threshold * (1 + ROUNDING), profile, row::error) < next;
    }

    private List<Figures> looked(Lookup codebook, StepView step, int passed) {
        Figures figures = codebook.look(step, passed);
        next = step.step() + codebook.rate();
        reason = codebook.reason();
        return figures.asMap().isEmpty() ? List.of() : List.of(figures);
    }
}
