package io.adacache.testkit;

import io.adacache.layout.Layout;
import io.adacache.layout.Part;
import io.adacache.metric.Measure;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Decision;
import io.adacache.policy.Figures;
import io.adacache.policy.Generation;
import io.adacache.policy.PolicyRun;
import io.adacache.policy.PolicyRun.StepView;
import java.util.List;
import java.util.Set;

/**
 * Another policy, one method of which throws from a step on.
 *
 * @param policy decides otherwise
 * @param method name of the method of {@link PolicyRun} that throws
 * @param step the step from which it throws
 */
record ThrowingPolicy(CachePolicy policy, String method, int step) implements CachePolicy {
    @Override
    public String name() {
        return policy.name() + ", throwing";
    }

    private void check(String called, int now) {
        if (called.equals(method) && now >= step) {
            throw new IllegalArgumentException("made to fail in " + method);
        }
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
            public List<Measure> measures() {
                return run.measures();
            }

            @Override
            public int history() {
                return run.history();
            }

            @Override
            public List<? extends Part> plan(StepView view) {
                check("plan", view.step());
                return run.plan(view);
            }

            @Override
            public Decision decide(Part span, StepView view) {
                check("decide", view.step());
                return run.decide(span, view);
            }

            @Override
            public List<Figures> completed(StepView view) {
                check("completed", view.step());
                return run.completed(view);
            }

            @Override
            public boolean needs(String branch, int number) {
                check("needs", number);
                return run.needs(branch, number);
            }
        };
    }
}
