package io.adacache.example;

import io.adacache.layout.Span;
import io.adacache.metric.Measure;
import io.adacache.metric.Metric;
import io.adacache.metric.Probe;
import io.adacache.metric.Reference;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Decision;
import io.adacache.policy.PolicyProvider;
import io.adacache.policy.PolicyRun;
import io.adacache.policy.Reason;
import io.adacache.policy.Setting;
import io.adacache.policy.Settings;
import io.adacache.policy.StepPlan;
import io.adacache.policy.StepView;
import java.util.List;

/** A whole policy in one class: reuses the stack while its input is near to that of the last computed step. */
public final class CalmStack implements PolicyProvider {
    @Override
    public String name() {
        return "calm-stack";
    }

    @Override
    public String summary() {
        return "reuses everything while the first block's input has hardly changed";
    }

    @Override
    public List<Setting> settings() {
        return List.of(Setting.of("threshold", 0.1, "relative L1 distance below which is reused"));
    }

    @Override
    public CachePolicy create(Settings settings) {
        double threshold = settings.number("threshold");
        return CachePolicy.of(settings.label(), (layout, generation) -> new PolicyRun() {
            private final Measure.Distance input =
                    new Measure.Distance(new Probe.Modulated(0), Metric.L1, Reference.LAST_COMPUTED_STEP);

            @Override
            public List<Measure> measures() {
                return List.of(input);
            }

            @Override
            public StepPlan plan(StepView step) {
                return new StepPlan.Spans(List.of(layout.stack()));
            }

            @Override
            public Decision decide(Span span, StepView step) {
                boolean calm = step.distance(input)
                        .filter(sums -> Metric.L1.distance(sums) < threshold)
                        .isPresent();
                return calm ? Decision.reuse(Reason.THRESHOLD) : Decision.compute(Reason.THRESHOLD);
            }
        });
    }
}
