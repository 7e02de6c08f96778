package io.adacache.adaptive;

import io.adacache.metric.Measure;
import io.adacache.metric.Measure.Reference;
import io.adacache.metric.Metric;
import io.adacache.metric.Probe;
import io.adacache.metric.Sums.Rows;
import io.adacache.policy.PolicyRun.StepView;
import java.util.Arrays;
import java.util.List;

/**
 * Looks at the latent in reused steps: the only thing that a reused step tells. It is odd if it has moved further since the last computed
 * step than its speed between the last two computed steps foretold, times a factor.
 */
final class Watch {
    private static final Measure.Distance MOVED =
            new Measure.Distance(new Probe.Latent(), Metric.L2, Reference.LAST_COMPUTED_STEP);

    private final double factor;
    private final Rows rows;
    private double[] speeds = {};

    Watch(double factor, Rows rows) {
        this.factor = factor;
        this.rows = rows;
    }

    List<Measure> measures() {
        return List.of(MOVED);
    }

    /** Takes in how far the latent went between the last two computed steps. */
    void computed(StepView step, int gap) {
        speeds = Arrays.stream(moved(step)).map(way -> way / gap).toArray();
    }

    private double[] moved(StepView step) {
        return step.distance(MOVED).map(rows::heard).orElse(List.of()).stream()
                .mapToDouble(sums -> Math.sqrt(sums.total()[0]))
                .toArray();
    }

    /** Whether a step should be computed although it was to be reused. */
    boolean wakes(StepView step, Gram gram) {
        double[] moved = moved(step);
        int passed = step.step() - gram.step(0);
        for (int i = 0; i < moved.length && moved.length == speeds.length; i++) {
            if (moved[i] > factor * speeds[i] * passed) {
                return true;
            }
        }
        return false;
    }
}
