package io.adacache.testkit;

import io.adacache.layout.Layout;
import io.adacache.layout.Part;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Decision;
import io.adacache.policy.Generation;
import io.adacache.policy.PolicyRun;
import io.adacache.policy.PolicyRun.StepView;
import java.util.List;
import java.util.Set;

/**
 * Another policy without measures, for which a branch is not called any more from a step on.
 *
 * @param policy decides
 * @param branch the branch that is dropped
 * @param step the first step without it
 */
record DroppingPolicy(CachePolicy policy, String branch, int step) implements CachePolicy {
    @Override
    public String name() {
        return policy.name() + ", dropping " + branch;
    }

    @Override
    public Set<Requirement> requirements() {
        return policy.requirements();
    }

    @Override
    public PolicyRun begin(Layout layout, Generation generation) {
        PolicyRun run = policy.begin(layout, generation);
        return new PolicyRun() {
            @Override
            public List<? extends Part> plan(StepView view) {
                return run.plan(view);
            }

            @Override
            public Decision decide(Part span, StepView view) {
                return run.decide(span, view);
            }

            @Override
            public boolean needs(String called, int number) {
                return number < step || !called.equals(branch);
            }
        };
    }
}
