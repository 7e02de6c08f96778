package io.adacache.adaptive;

import io.adacache.metric.Measure;
import io.adacache.metric.Measure.Reference;
import io.adacache.metric.Metric;
import io.adacache.metric.Probe;
import io.adacache.metric.Sums;
import io.adacache.policy.Forecast;
import io.adacache.policy.PolicyRun.StepView;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * How straight a residual moves from one computed step to the next: damps forecasts where it turns.
 *
 * <p>With a the newest residual, b the one before and c the one before that: the linear forecast of a was {@code b + f (b - c)}, f
 * the way ahead over the way back. Of that, {@code <a - b, b - c> / (f |b - c|^2)} was indeed gone; cut to 0..1, it is the next
 * forecast's damping. The inner product follows from three distances, {@code (|a - c|^2 - |a - b|^2 - |b - c|^2) / 2}, so
 * numbers suffice. Until three residuals are known, the damping is 0.
 */
final class Straightness {
    private final Measure.Distance toLast;
    private final Measure.Distance toLastButOne;
    private final Forecast full;
    private double lastStretch = Double.NaN;
    private double damping;

    Straightness(Probe probe, Forecast full) {
        this.toLast = new Measure.Distance(probe, Metric.L2, Reference.LAST_TAKEN);
        this.toLastButOne = new Measure.Distance(probe, Metric.L2, Reference.LAST_BUT_ONE_TAKEN);
        this.full = full;
    }

    List<Measure> measures() {
        return List.of(toLast, toLastButOne);
    }

    /** Returns the forecast to take until the next computed step. */
    Forecast forecast() {
        return full.withDamping(damping);
    }

    /**
     * Takes in what was measured in a computed step.
     *
     * @param kept the computed steps before it, newest first
     */
    void measured(StepView step, Deque<Integer> kept) {
        Optional<Sums> last = step.distance(toLast);
        Optional<Sums> lastButOne = step.distance(toLastButOne);
        double stretch = last.map(sums -> sums.total()[0]).orElse(Double.NaN);
        damping = 0;
        if (lastButOne.isPresent() && kept.size() > 1) {
            Iterator<Integer> steps = kept.iterator();
            double newest = steps.next();
            double[] linear = new Forecast(full.scheme(), 1, 1, full.reach())
                    .weights(new double[] {newest, steps.next()}, step.step());
            double ahead = -linear[1];
            double inner = (lastButOne.get().total()[0] - stretch - lastStretch) / 2;
            double share = inner / (ahead * lastStretch);
            damping = Double.isFinite(share) ? Math.max(0, Math.min(1, share)) : 0;
        }
        lastStretch = stretch;
    }
}
