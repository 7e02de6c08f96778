package io.adacache.internal;

import io.adacache.internal.SessionOptions.ErrorBound;
import io.adacache.layout.Part;
import io.adacache.metric.Measure;
import io.adacache.metric.Measure.Reference;
import io.adacache.metric.Metric;
import io.adacache.metric.Probe;
import io.adacache.metric.Sums;
import io.adacache.policy.Decision;
import io.adacache.policy.Decision.Reason;
import io.adacache.policy.Figures;
import io.adacache.policy.PolicyRun;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A generation whose error is estimated as it goes, and may be held below a bound. The estimate: at each computed step the prediction's
 * relative L1 change since the last computed one, per step, q. A reused step that lies j steps behind the newest computed one is taken to be
 * off by j q of what it should be; these add up, each for its share of the steps. While a run of reused steps lasts, q is that of before it;
 * at its end it was measured over just this run, and what was foreseen is replaced: that orders clips by their PSNR better. So a
 * bound that is kept step by step may in the end be passed by what a last run turned out to be. Costs one more prediction-sized tensor and
 * one number per computed step.
 */
final class ErrorGuard implements PolicyRun {
    private static final Measure.Distance CHANGE =
            new Measure.Distance(new Probe.Prediction(), Metric.L1, Reference.LAST_COMPUTED_STEP);

    private final PolicyRun run;
    private final ErrorBound bound;
    private final int steps;
    private double rate = Double.NaN;
    /** Of the runs that have ended. */
    private double measured;
    /** Of the run that lasts. */
    private double foreseen;

    private int newest;
    private boolean computes;
    private boolean passed;

    ErrorGuard(PolicyRun run, ErrorBound bound, int steps) {
        this.run = run;
        this.bound = bound;
        this.steps = steps;
    }

    @Override
    public List<Measure> measures() {
        List<Measure> all = new ArrayList<>(run.measures());
        all.add(CHANGE);
        return all;
    }

    @Override
    public int history() {
        return run.history();
    }

    @Override
    public List<String> warnings() {
        return run.warnings();
    }

    @Override
    public List<? extends Part> plan(StepView step) {
        computes = true;
        return run.plan(step);
    }

    @Override
    public Decision decide(Part part, StepView step) {
        boolean over = step.step() > 1 && estimate() + next(step.step()) > bound.most();
        passed |= over;
        Decision decision = run.decide(part, over && bound.computes() ? new Demanding(step) : step);
        if (decision instanceof Decision.Reuse && over && bound.computes()) {
            decision = Decision.compute(Reason.CAP);
        }
        computes &= decision instanceof Decision.Compute;
        return decision;
    }

    /** What reusing in a step would add. */
    private double next(int step) {
        return Double.isFinite(rate) ? (step - newest) * rate / steps : 0;
    }

    @Override
    public List<Figures> completed(StepView step) {
        Optional<Sums> change = step.distance(CHANGE);
        if (computes && (newest == 0 || change.isPresent())) {
            int passed = step.step() - newest;
            rate = change.map(sums -> Metric.L1.distance(sums) / passed).orElse(rate);
            measured += Double.isFinite(rate) ? rate * passed * (passed - 1) / 2 / steps : foreseen;
            foreseen = 0;
            newest = step.step();
        } else {
            foreseen += next(step.step());
        }
        List<Figures> all = new ArrayList<>(run.completed(step));
        all.add(Figures.none().with(Figures.ESTIMATED_ERROR, estimate()));
        return all;
    }

    private double estimate() {
        return measured + foreseen;
    }

    /** Whether the bound was reached. */
    boolean passed() {
        return passed;
    }

    String sentence() {
        return "The estimated error came to its bound of " + bound.most()
                + (bound.computes()
                        ? ": steps that would have been reused are computed from there on"
                        : ". Ask for a better quality, or let the guard compute");
    }

    @Override
    public boolean needs(String branch, int step) {
        return run.needs(branch, step);
    }

    /** The same numbers, for a step that is to be computed. */
    private record Demanding(StepView view) implements StepView {
        @Override
        public boolean mustCompute() {
            return true;
        }

        @Override
        public OptionalDouble affordable() {
            return view.affordable();
        }

        @Override
        public int step() {
            return view.step();
        }

        @Override
        public Optional<Sums> distance(Measure.Distance measure) {
            return view.distance(measure);
        }

        @Override
        public List<Sums> motion(Measure.Motion measure) {
            return view.motion(measure);
        }
    }
}
