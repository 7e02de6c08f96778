package io.adacache.testkit;

import io.adacache.layout.Layout;
import io.adacache.layout.Span;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Decision;
import io.adacache.policy.Generation;
import io.adacache.policy.PolicyRun;
import io.adacache.policy.StepPlan;
import io.adacache.policy.StepView;

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
    public PolicyRun begin(Layout layout, Generation generation) {
        PolicyRun run = policy.begin(layout, generation);
        return new PolicyRun() {
            @Override
            public StepPlan plan(StepView view) {
                return run.plan(view);
            }

            @Override
            public Decision decide(Span span, StepView view) {
                return run.decide(span, view);
            }

            @Override
            public boolean needs(String called, int number) {
                return number < step || !called.equals(branch);
            }
        };
    }
}
