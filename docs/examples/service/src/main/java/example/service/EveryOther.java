package example.service;

import io.adacache.layout.Part;
import io.adacache.layout.Span;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Decision;
import io.adacache.policy.Decision.Reason;
import io.adacache.policy.PolicyProvider;
import io.adacache.policy.PolicyRun;
import io.adacache.policy.PolicyRun.StepView;
import io.adacache.policy.Settings;
import java.util.List;
import java.util.Set;

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
        return CachePolicy.of(name(), Set.of(CachePolicy.Requirement.SITES), (layout, generation) -> new PolicyRun() {
            @Override
            public List<Span> plan(StepView step) {
                return List.of(layout.stack());
            }

            @Override
            public Decision decide(Part part, StepView step) {
                return step.step() % 2 == 1 ? Decision.compute(Reason.SCHEDULE) : Decision.reuse(Reason.SCHEDULE);
            }
        });
    }
}
