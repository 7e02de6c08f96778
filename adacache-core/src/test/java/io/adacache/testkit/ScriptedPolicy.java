package io.adacache.testkit;

import io.adacache.layout.Layout;
import io.adacache.layout.Span;
import io.adacache.metric.Measure;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Decision;
import io.adacache.policy.Generation;
import io.adacache.policy.PolicyRun;
import io.adacache.policy.Reason;
import io.adacache.policy.StepPlan;
import io.adacache.policy.StepView;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * A policy that does what the test says.
 *
 * @param name shown in messages
 * @param history kept sums per span
 * @param measures what is measured
 * @param plan how a step is cut up
 * @param decide what is done with a span in a step
 */
public record ScriptedPolicy(
        String name,
        int history,
        List<Measure> measures,
        Function<StepView, StepPlan> plan,
        BiFunction<Span, StepView, Decision> decide)
        implements CachePolicy {
    /** Returns a policy of the given spans, the same in each step, without measures. */
    public static ScriptedPolicy spans(List<Span> spans, BiFunction<Span, Integer, Decision> decide) {
        return new ScriptedPolicy(
                "scripted spans",
                1,
                List.of(),
                step -> new StepPlan.Spans(spans),
                (span, step) -> decide.apply(span, step.step()));
    }

    /** Returns a policy that decides whole calls by the step's number. */
    public static ScriptedPolicy wholeCalls(StepPlan.Kept kept, Function<Integer, Decision> decide) {
        return new ScriptedPolicy(
                "scripted calls of " + kept,
                1,
                List.of(),
                step -> new StepPlan.WholeCall(decide.apply(step.step()), kept),
                (span, step) -> Decision.compute(Reason.ALWAYS));
    }

    /** Returns the same policy with another number of kept sums per span. */
    public ScriptedPolicy withHistory(int sums) {
        return new ScriptedPolicy(name, sums, measures, plan, decide);
    }

    /** Returns the same policy with measures. */
    public ScriptedPolicy measuring(Measure... wanted) {
        return new ScriptedPolicy(name, history, List.of(wanted), plan, decide);
    }

    @Override
    public PolicyRun begin(Layout layout, Generation generation) {
        ScriptedPolicy script = this;
        return new PolicyRun() {
            @Override
            public List<Measure> measures() {
                return script.measures;
            }

            @Override
            public int history() {
                return script.history;
            }

            @Override
            public StepPlan plan(StepView step) {
                return script.plan.apply(step);
            }

            @Override
            public Decision decide(Span span, StepView step) {
                return script.decide.apply(span, step);
            }
        };
    }
}
