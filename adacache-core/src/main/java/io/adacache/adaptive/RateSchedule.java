package io.adacache.adaptive;

// Why the distance is divided by the true gap: docs/decisions/0002. Why what is not a number computes:
// docs/decisions/0003.

import io.adacache.adaptive.Voice.Choice;
import io.adacache.metric.Measure;
import io.adacache.metric.Probe;
import io.adacache.metric.Sums;
import io.adacache.metric.Sums.Rows;
import io.adacache.policy.Decision;
import io.adacache.policy.Decision.Reason;
import io.adacache.policy.Figures;
import io.adacache.policy.Forecast;
import io.adacache.policy.PolicyRun.StepView;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The schedule of all spans that are computed in the same steps: what is measured, and the rate that was chosen last. */
final class RateSchedule {
    /** One measured place, and what is measured there. */
    static final class Place {
        final int block;
        final int site;
        final Measure.Distance distance;
        final Measure.@Nullable Motion motion;
        /** The motion factor from which the first gradient is taken. */
        double firstFactor = 1;

        Place(int block, int site, Measure.Distance distance, Measure.@Nullable Motion motion) {
            this.block = block;
            this.site = site;
            this.distance = distance;
            this.motion = motion;
        }
    }

    private final AdaptiveConfig config;
    private final List<Place> places;
    /** The steps whose sums are kept, newest first. */
    private final Deque<Integer> kept = new ArrayDeque<>();

    private final @Nullable Straightness straightness;
    private final Voice together;
    private final List<Voice> alone = new ArrayList<>();

    private int lastComputed;
    private int rate = 1;
    private Reason reason = Reason.CODEBOOK;

    /**
     * Begins a schedule.
     *
     * @param places in the order in which they are measured; the last one's rate wins
     * @param forecast what is forecast, or what stands for it
     */
    RateSchedule(AdaptiveConfig config, List<Place> places, Probe forecast) {
        this.config = config;
        this.places = List.copyOf(places);
        this.straightness = config.adaptsForecast && config.forecast.order() > 0
                ? new Straightness(forecast, config.forecast, config.rows)
                : null;
        this.together = new Voice(config);
    }

    List<Measure> measures() {
        List<Measure> measures = new ArrayList<>();
        for (Place place : places) {
            measures.add(place.distance);
            if (place.motion != null) {
                measures.add(place.motion);
            }
        }
        if (straightness != null) {
            measures.addAll(straightness.measures());
        }
        return measures;
    }

    private boolean computes(int step) {
        return isForced(step) || step >= lastComputed + rate;
    }

    private boolean isForced(int step) {
        return step <= config.first || step > config.steps - config.last;
    }

    Decision decide(int step) {
        if (!computes(step)) {
            double[] positions = kept.stream().mapToDouble(Integer::doubleValue).toArray();
            Forecast forecast = straightness == null ? config.forecast : straightness.forecast();
            return new Decision.Reuse(reason, forecast.weights(positions, step));
        }
        return Decision.compute(step == 1 ? Reason.FIRST : isForced(step) ? Reason.FORCED : reason);
    }

    /** Ends a step; if it was computed, chooses the next rate from what was measured. */
    List<Figures> completed(StepView step) {
        if (!computes(step.step())) {
            return List.of();
        }
        int gap = config.arithmetic.gap(rate, step.step() - lastComputed);
        if (straightness != null) {
            straightness.measured(step, kept);
        }
        lastComputed = step.step();
        kept.addFirst(lastComputed);
        if (kept.size() > config.forecast.history()) {
            kept.removeLast();
        }
        List<Figures> all = new ArrayList<>();
        together.beginStep();
        alone.forEach(Voice::beginStep);
        for (Place place : places) {
            Optional<Sums> sums = step.distance(place.distance);
            if (sums.isPresent()) {
                all.add(choose(place, sums.get(), gap, step));
            }
        }
        return all;
    }

    private Figures choose(Place place, Sums distance, int gap, StepView step) {
        List<Sums> motion = place.motion == null ? List.of() : step.motion(place.motion);
        Choice choice = together.choose(place, distance, motion, gap, step.step());
        Figures figures = choice.figures();
        List<Choice> each = rowByRow(place, distance, motion, gap, step.step());
        if (config.rows == Rows.ANY && !each.isEmpty()) {
            choice = each.stream().min(Comparator.comparingInt(Choice::rate)).orElseThrow();
            figures = choice.figures().with("row", each.indexOf(choice));
        }
        // Rows that cannot be told apart have no say, so nothing is taken for granted.
        boolean unheard = config.rows == Rows.ANY && each.isEmpty() && distance.rows() > 1;
        rate = unheard ? 1 : choice.rate();
        figures = figures.withRowsAgainst(
                each.stream().filter(other -> other.rate() != rate).count());
        reason = choice.reason();
        if (straightness != null) {
            figures = figures.with("forecast_damping", straightness.forecast().damping());
        }
        return figures.with(Figures.RATE, rate);
    }

    /** What each row alone would choose; empty where there is one row, or rows of the two measures are not the same. */
    private List<Choice> rowByRow(Place place, Sums distance, List<Sums> motion, int gap, int step) {
        if (distance.rows() == 1 || motion.stream().anyMatch(sums -> sums.rows() != distance.rows())) {
            return List.of();
        }
        while (alone.size() < distance.rows()) {
            alone.add(new Voice(config));
        }
        return IntStream.range(0, distance.rows())
                .mapToObj(row -> alone.get(row)
                        .choose(
                                place,
                                distance.row(row),
                                motion.stream().map(sums -> sums.row(row)).toList(),
                                gap,
                                step))
                .toList();
    }
}
