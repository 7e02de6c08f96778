package io.adacache.example;

import io.adacache.layout.Part;
import io.adacache.layout.Span;
import io.adacache.metric.Measure;
import io.adacache.metric.Measure.Reference;
import io.adacache.metric.Metric;
import io.adacache.metric.Probe;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.CachePolicy.Requirement;
import io.adacache.policy.Decision;
import io.adacache.policy.Decision.Reason;
import io.adacache.policy.PolicyProvider;
import io.adacache.policy.PolicyRun;
import io.adacache.policy.PolicyRun.StepView;
import io.adacache.policy.Setting;
import io.adacache.policy.Settings;
import java.util.List;
import java.util.Set;

/** A whole policy in one class: reuses the stack while its input is near to that of the last computed step. */
public final class CalmStack implements PolicyProvider {
    private static final Setting<Double> THRESHOLD = Setting.number(
                    "threshold", "relative L1 distance below which is reused")
            .where(value -> value > 0, "greater than 0")
            .or(0.1);

    @Override
    public String name() {
        return "calm-stack";
    }

    @Override
    public String summary() {
        return "reuses everything while the first block's input has hardly changed";
    }

    @Override
    public List<Setting<?>> settings() {
        return List.of(THRESHOLD);
    }

    @Override
    public CachePolicy create(Settings settings) {
        double threshold = settings.get(THRESHOLD);
        return CachePolicy.of(name(), Set.of(Requirement.SITES), (layout, generation) -> new PolicyRun() {
            private final Measure.Distance input =
                    new Measure.Distance(new Probe.Modulated(0), Metric.L1, Reference.LAST_COMPUTED_STEP);

            @Override
            public List<Measure> measures() {
                return List.of(input);
            }

            @Override
            public List<Span> plan(StepView step) {
                return List.of(layout.stack());
            }

            @Override
            public Decision decide(Part part, StepView step) {
                boolean calm = step.distance(input)
                        .filter(sums -> Metric.L1.distance(sums) < threshold)
                        .isPresent();
                return calm ? Decision.reuse(Reason.THRESHOLD) : Decision.compute(Reason.THRESHOLD);
            }
        });
    }
}
