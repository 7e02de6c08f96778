package io.adacache.testkit;

import io.adacache.layout.Layout;
import io.adacache.layout.Part;
import io.adacache.layout.Span;
import io.adacache.metric.Measure;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Decision;
import io.adacache.policy.Generation;
import io.adacache.policy.PolicyRun;
import io.adacache.policy.PolicyRun.StepView;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * A policy that does what the test says.
 *
 * @param name shown in messages
 * @param history kept sums per span
 * @param measures what is measured
 * @param plan how a step is cut up
 * @param decide what is done with a part in a step
 */
public record ScriptedPolicy(
        String name,
        int history,
        List<Measure> measures,
        Function<StepView, List<? extends Part>> plan,
        BiFunction<Part, StepView, Decision> decide)
        implements CachePolicy {
    /** Returns a policy of the given spans, the same in each step, without measures. */
    public static ScriptedPolicy spans(List<Span> spans, BiFunction<Span, Integer, Decision> decide) {
        return new ScriptedPolicy(
                "scripted spans", 1, List.of(), step -> spans, (part, step) -> decide.apply((Span) part, step.step()));
    }

    /** Returns a policy that decides whole calls by the step's number. */
    public static ScriptedPolicy wholeCalls(Part.Call kept, Function<Integer, Decision> decide) {
        return new ScriptedPolicy(
                "scripted calls of " + kept.name(),
                1,
                List.of(),
                step -> List.of(kept),
                (part, step) -> decide.apply(step.step()));
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
    public Set<Requirement> requirements() {
        return Set.of();
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
            public List<? extends Part> plan(StepView step) {
                return script.plan.apply(step);
            }

            @Override
            public Decision decide(Part span, StepView step) {
                return script.decide.apply(span, step);
            }
        };
    }
}
