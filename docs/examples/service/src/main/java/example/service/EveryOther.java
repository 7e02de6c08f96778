package example.service;

import io.adacache.layout.Span;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Decision;
import io.adacache.policy.PolicyProvider;
import io.adacache.policy.PolicyRun;
import io.adacache.policy.Reason;
import io.adacache.policy.Settings;
import io.adacache.policy.StepPlan;
import io.adacache.policy.StepView;
import java.util.List;

/** A policy of the service's own: computes odd steps, and reuses the whole stack in even ones. */
public final class EveryOther implements PolicyProvider {
    @Override
    public String name() {
        return "every-other";
    }

    @Override
    public String summary() {
        return "computes odd steps";
    }

    @Override
    public CachePolicy create(Settings settings) {
        return CachePolicy.of(name(), (layout, generation) -> new PolicyRun() {
            @Override
            public StepPlan plan(StepView step) {
                return new StepPlan.Spans(List.of(layout.stack()));
            }

            @Override
            public Decision decide(Span span, StepView step) {
                return step.step() % 2 == 1 ? Decision.compute(Reason.SCHEDULE) : Decision.reuse(Reason.SCHEDULE);
            }
        });
    }
}
