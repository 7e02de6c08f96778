package io.adacache.adaptive;

import io.adacache.metric.Measure;
import io.adacache.metric.Measure.Reference;
import io.adacache.metric.Metric;
import io.adacache.metric.Probe;
import io.adacache.metric.Sums;
import io.adacache.metric.Sums.Rows;
import io.adacache.policy.Forecast;
import io.adacache.policy.PolicyRun.StepView;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How straight a residual moves from one computed step to the next: damps forecasts where it turns.
 *
 * <p>With a the newest residual, b the one before and c the one before that: the linear forecast of a was {@code b + f (b - c)}, f
 * the way ahead over the way back. Of that, {@code <a - b, b - c> / (f |b - c|^2)} was indeed gone; cut to 0..1, it is the next
 * forecast's damping. The inner product follows from three distances, {@code (|a - c|^2 - |a - b|^2 - |b - c|^2) / 2}, so
 * numbers suffice. Until three residuals are known, the damping is 0.
 */
public final class Straightness {
    private final Measure.Distance toLast;
    private final Measure.Distance toLastButOne;
    private final Forecast full;
    private final Rows rows;
    private double[] lastStretches = {};
    private double damping;

    /**
     * Begins a generation.
     *
     * @param probe what is forecast
     * @param full the forecast without damping
     * @param rows how the rows of a batch make one damping
     */
    public Straightness(Probe probe, Forecast full, Rows rows) {
        this.toLast = new Measure.Distance(probe, Metric.L2, Reference.LAST_TAKEN);
        this.toLastButOne = new Measure.Distance(probe, Metric.L2, Reference.LAST_BUT_ONE_TAKEN);
        this.full = full;
        this.rows = rows;
    }

    /** Returns what is to be measured. */
    public List<Measure> measures() {
        return List.of(toLast, toLastButOne);
    }

    /** Returns the forecast to take until the next computed step. */
    public Forecast forecast() {
        return full.withDamping(damping);
    }

    /**
     * Takes in what was measured in a computed step. Of several rows that are looked at alone, the one that turns most decides.
     *
     * @param kept the computed steps before it, newest first
     */
    public void measured(StepView step, Deque<Integer> kept) {
        List<Sums> last = step.distance(toLast).map(rows::heard).orElse(List.of());
        List<Sums> lastButOne = step.distance(toLastButOne).map(rows::heard).orElse(List.of());
        double[] stretches = last.stream().mapToDouble(sums -> sums.total()[0]).toArray();
        damping = 0;
        if (kept.size() > 1 && lastButOne.size() == stretches.length && lastStretches.length == stretches.length) {
            double ahead = ahead(kept, step.step());
            damping = IntStream.range(0, stretches.length)
                    .mapToDouble(
                            row -> share(lastButOne.get(row).total()[0], stretches[row], lastStretches[row], ahead))
                    .min()
                    .orElse(0);
        }
        lastStretches = stretches;
    }

    /** The way ahead over the way back, of the forecast that would have been taken. */
    private double ahead(Deque<Integer> kept, int step) {
        Iterator<Integer> steps = kept.iterator();
        double[] newestFirst = {steps.next(), steps.next()};
        return -new Forecast(full.scheme(), 1, 1, full.reach()).weights(newestFirst, step)[1];
    }

    /** Which share of a forecast came true, cut to 0..1: of squared distances over both stretches, the last, the one before. */
    static double share(double both, double stretch, double lastStretch, double ahead) {
        double inner = (both - stretch - lastStretch) / 2;
        double share = inner / (ahead * lastStretch);
        return Double.isFinite(share) ? Math.max(0, Math.min(1, share)) : 0;
    }
}
