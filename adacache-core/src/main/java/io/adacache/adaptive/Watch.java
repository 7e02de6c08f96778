package io.adacache.adaptive;

import io.adacache.metric.Measure;
import io.adacache.metric.Measure.Reference;
import io.adacache.metric.Metric;
import io.adacache.metric.Probe;
import io.adacache.policy.PolicyRun.StepView;
import java.util.List;

/**
 * Looks at the latent in reused steps: the only thing that a reused step tells. It is odd if it has moved further since the last computed
 * step than its speed between the last two computed steps foretold, times a factor.
 */
final class Watch {
    private static final Measure.Distance MOVED =
            new Measure.Distance(new Probe.Latent(), Metric.L2, Reference.LAST_COMPUTED_STEP);

    private final double factor;
    private double speed = Double.NaN;

    Watch(double factor) {
        this.factor = factor;
    }

    List<Measure> measures() {
        return List.of(MOVED);
    }

    /** Takes in how far the latent went between the last two computed steps. */
    void computed(StepView step, int gap) {
        speed = moved(step) / gap;
    }

    private static double moved(StepView step) {
        return step.distance(MOVED).map(sums -> Math.sqrt(sums.total()[0])).orElse(Double.NaN);
    }

    /** Whether a step should be computed although it was to be reused. */
    boolean wakes(StepView step, Gram gram) {
        return moved(step) > factor * speed * (step.step() - gram.step(0));
    }
}
