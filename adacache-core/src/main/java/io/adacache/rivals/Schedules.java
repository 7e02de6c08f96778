package io.adacache.rivals;

import io.adacache.layout.Layout;
import io.adacache.layout.Part;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Decision;
import io.adacache.policy.Decision.Reason;
import io.adacache.policy.Generation;
import io.adacache.policy.PolicyProvider;
import io.adacache.policy.PolicyRun;
import io.adacache.policy.Setting;
import io.adacache.policy.Settings.Range;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;

/** The policies whose schedule is known beforehand: none, every n-th step, evenly spaced steps, chosen steps. */
public final class Schedules {
    private static final Setting<Integer> N =
            Scope.atLeast(1, "n", "from one computed step to the next").or(2);
    private static final Setting<Integer> STEPS =
            Scope.atLeast(1, "steps", "how many steps are computed").or(10);
    private static final Setting<List<Range>> COMPUTED =
            Setting.ranges("computed", "steps from 1, as 1-3;5;8; step 1 must be one of them");

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
        String name = "every:n=" + n;
        Scope.check(n >= 1, name, "n is 1 or more");
        return new Fixed(
                name, generation -> step -> (step - 1) % n == 0 || step == generation.steps(), Reason.SCHEDULE);
    }

    /**
     * Returns the policy that computes the given number of steps, spaced evenly, the first and the last among them.
     *
     * @throws IllegalArgumentException if the number is less than 1, or (at the beginning) greater than the steps
     */
    public static CachePolicy even(int computed) {
        String name = "even:steps=" + computed;
        Scope.check(computed >= 1, name, "computes nothing; steps is 1 or more");
        return new Fixed(
                name,
                generation -> {
                    int steps = generation.steps();
                    Scope.check(computed <= steps, name, "computes more steps than the " + steps + " announced");
                    return step -> isEven(step, computed, steps);
                },
                Reason.SCHEDULE);
    }

    /**
     * Returns the policy that computes exactly the given steps (from 1).
     *
     * @throws IllegalArgumentException if step 1 is not one of them, or (at the beginning) one is beyond the steps
     */
    public static CachePolicy steps(List<Integer> computed) {
        return ranges(computed.stream().map(step -> new Range(step, step)).toList());
    }

    private static CachePolicy ranges(List<Range> computed) {
        String name = computed.stream().map(Range::toString).collect(Collectors.joining(";", "steps:computed=", ""));
        Scope.check(
                computed.stream().anyMatch(range -> range.contains(1)),
                name,
                "nothing can be reused in step 1, so a schedule computes it");
        Scope.check(computed.stream().allMatch(range -> range.first() >= 1), name, "steps count from 1");
        return new Fixed(
                name,
                generation -> {
                    int steps = generation.steps();
                    Scope.check(
                            computed.stream().allMatch(range -> range.last() <= steps),
                            name,
                            "names steps beyond the " + steps + " announced");
                    return step -> computed.stream().anyMatch(range -> range.contains(step));
                },
                Reason.SCHEDULE);
    }

    /** Returns the providers of these policies. */
    public static List<PolicyProvider> providers() {
        return List.of(
                PolicyProvider.of("none", "computes every step: the plain model", null, List.of(), settings -> none()),
                Forecasting.optional(PolicyProvider.of(
                        "every",
                        "computes the steps 1, 1 + n, 1 + 2n, ... and the last; every-2 is every:n=2",
                        N,
                        List.of(N),
                        settings -> every(settings.get(N)))),
                Forecasting.optional(PolicyProvider.of(
                        "even",
                        "computes evenly spaced steps, first and last among them; even-10 is even:steps=10",
                        STEPS,
                        List.of(STEPS),
                        settings -> even(settings.get(STEPS)))),
                Forecasting.optional(PolicyProvider.of(
                        "steps",
                        "computes the given steps; steps:1;2;5 is steps:computed=1;2;5",
                        COMPUTED,
                        List.of(COMPUTED),
                        settings -> ranges(settings.get(COMPUTED)))));
    }

    private static boolean isEven(int step, int computed, int steps) {
        if (computed == 1) {
            return step == 1;
        }
        // Of the computed steps only the ones about here can be this one.
        long about = steps == 1 ? 0 : (long) (step - 1) * (computed - 1) / (steps - 1);
        for (long i = Math.max(0, about - 1); i <= about + 1 && i < computed; i++) {
            if (step == 1 + Math.round((double) i * (steps - 1) / (computed - 1))) {
                return true;
            }
        }
        return false;
    }

    private interface Rule {
        IntPredicate computes(Generation generation);
    }

    private record Fixed(String name, Rule rule, Reason reason) implements CachePolicy {
        @Override
        public Set<Requirement> requirements() {
            return Set.of();
        }

        @Override
        public PolicyRun begin(Layout layout, Generation generation) {
            return new FixedRun(layout, rule.computes(generation), reason);
        }
    }

    private record FixedRun(Layout layout, IntPredicate computes, Reason reason) implements Forecasting.OfOnePart {
        @Override
        public Part reused() {
            return layout.isOpaque() ? Part.Call.PREDICTION : layout.stack();
        }

        @Override
        public Decision decide(Part part, StepView step) {
            if (reason == Reason.ALWAYS) {
                return Decision.computeOnly(reason);
            }
            boolean compute = computes.test(step.step());
            return compute ? Decision.compute(step.step() == 1 ? Reason.FIRST : reason) : Decision.reuse(reason);
        }
    }
}
