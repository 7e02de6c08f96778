package io.adacache.policy;

import io.adacache.layout.Layout;
import io.adacache.layout.Span;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The policies whose schedule is known beforehand: none, every n-th step, evenly spaced steps. */
public final class Schedules {
    private static final CachePolicy NONE = new Fixed("none", generation -> step -> true, Reason.ALWAYS);

    private Schedules() {}

    /** Returns the policy that computes every step and keeps nothing: the plain model, with a record. */
    public static CachePolicy none() {
        return NONE;
    }

    /**
     * Returns the policy that computes the steps 1, 1 + n, 1 + 2n, ... and the last step.
     *
     * @throws IllegalArgumentException if n is less than 1
     */
    public static CachePolicy every(int n) {
        if (n < 1) {
            throw new IllegalArgumentException("every:n=" + n + " is no interval; n is 1 or more");
        }
        return new Fixed(
                "every:n=" + n,
                generation -> step -> (step - 1) % n == 0 || step == generation.steps(),
                Reason.SCHEDULE);
    }

    /**
     * Returns the policy that computes the given number of steps, spaced evenly, the first and the last among them.
     *
     * @throws IllegalArgumentException if the number is less than 1, or (at the beginning) greater than the steps
     */
    public static CachePolicy even(int computed) {
        if (computed < 1) {
            throw new IllegalArgumentException("even:steps=" + computed + " computes nothing; steps is 1 or more");
        }
        return new Fixed("even:steps=" + computed, generation -> evenly(computed, generation.steps()), Reason.SCHEDULE);
    }

    /** Returns the policy that computes exactly the given steps (from 1); step 1 must be one of them. */
    public static CachePolicy steps(List<Integer> computed) {
        List<Integer> copy = List.copyOf(computed);
        if (!copy.contains(1)) {
            throw new IllegalArgumentException(
                    "Nothing can be reused in step 1, so a schedule computes it; got " + copy);
        }
        String text = copy.stream().map(String::valueOf).collect(Collectors.joining(";"));
        return new Fixed("steps:computed=" + text, generation -> copy::contains, Reason.SCHEDULE);
    }

    /** Returns the providers of these policies. */
    public static List<PolicyProvider> providers() {
        return List.of(
                PolicyProvider.of("none", "computes every step: the plain model", null, List.of(), settings -> none()),
                PolicyProvider.of(
                        "every",
                        "computes the steps 1, 1 + n, 1 + 2n, ... and the last; every-2 is every:n=2",
                        "n",
                        List.of(Setting.of("n", 2, "from one computed step to the next, 1 or more")),
                        settings -> every(settings.integer("n"))),
                PolicyProvider.of(
                        "even",
                        "computes evenly spaced steps, first and last among them; even-10 is even:steps=10",
                        "steps",
                        List.of(Setting.of("steps", 10, "how many steps are computed")),
                        settings -> even(settings.integer("steps"))),
                PolicyProvider.of(
                        "steps",
                        "computes the given steps; steps:1;2;5 is steps:computed=1;2;5",
                        "computed",
                        List.of(Setting.unset("computed", "steps from 1, as 1-3;5;8; step 1 must be one of them")),
                        settings -> steps(settings.ranges("computed").stream()
                                .flatMapToInt(range -> IntStream.rangeClosed(range.first(), range.last()))
                                .boxed()
                                .toList())));
    }

    private static IntPredicate evenly(int computed, int steps) {
        if (computed > steps) {
            throw new IllegalArgumentException(
                    "even:steps=" + computed + " computes more steps than the " + steps + " announced");
        }
        return step -> {
            if (computed == 1) {
                return step == 1;
            }
            for (int i = 0; i < computed; i++) {
                if (step == 1 + Math.round((double) i * (steps - 1) / (computed - 1))) {
                    return true;
                }
            }
            return false;
        };
    }

    private interface Rule {
        IntPredicate computes(Generation generation);
    }

    private record Fixed(String name, Rule rule, Reason reason) implements CachePolicy {
        @Override
        public PolicyRun begin(Layout layout, Generation generation) {
            return new FixedRun(layout, rule.computes(generation), reason);
        }
    }

    private record FixedRun(Layout layout, IntPredicate computes, Reason reason) implements PolicyRun {
        @Override
        public StepPlan plan(StepView step) {
            return layout.isOpaque()
                    ? new StepPlan.WholeCall(decision(step.step()), StepPlan.Kept.PREDICTION)
                    : new StepPlan.Spans(List.of(layout.stack()));
        }

        @Override
        public Decision decide(Span span, StepView step) {
            return decision(step.step());
        }

        private Decision decision(int step) {
            if (reason == Reason.ALWAYS) {
                return Decision.computeOnly(reason);
            }
            return computes.test(step) ? Decision.compute(step == 1 ? Reason.FIRST : reason) : Decision.reuse(reason);
        }
    }
}
