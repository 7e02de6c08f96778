package io.adacache.rivals;

import io.adacache.layout.Layout;
import io.adacache.layout.Part;
import io.adacache.layout.ResidualKind;
import io.adacache.layout.Site;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Decision;
import io.adacache.policy.Generation;
import io.adacache.policy.PolicyProvider;
import io.adacache.policy.PolicyRun;
import io.adacache.policy.Setting;
import io.adacache.policy.Settings;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * T-GATE: cross-attention is computed up to a gate step and reused from then on; self-attention is reused in between before the
 * gate and computed in every n-th step after it; guidance may end at the gate.
 *
 * <p>Steps s from 0. Before {@code gate - 1}: cross-attention is computed; self-attention is computed while
 * {@code s <= warmUp} and where {@code s % interval == 0}. At {@code gate - 1} both are computed. From the gate on
 * cross-attention is reused, and self-attention computed where {@code s % intervalAfter == 0}. Source: <em>Faster Diffusion via
 * Temporal Attention Decomposition</em> (arXiv 2404.02747) and T-GATE, {@code tgate/tgate_utils.py}. There, what is kept at
 * the gate is the mean of both guidance halves, before the output's gate; here each branch keeps its own gated residual. Guidance
 * is dropped only if a branch is named and called separately; comparisons on video models keep it, and their settings are the
 * defaults here.
 */
final class TGate implements CachePolicy {
    private static final Setting<Integer> GATE =
            Scope.atLeast(1, "gate", "the gate step, from 0").ofModel();
    private static final Setting<Integer> INTERVAL =
            Scope.atLeast(1, "interval", "of self-attention before the gate").or(2);
    private static final Setting<Integer> INTERVAL_AFTER = Scope.atLeast(
                    1, "interval-after", "of self-attention from the gate on")
            .or(1);
    private static final Setting<Integer> WARM_UP = Scope.atLeast(
                    0, "warm-up", "self-attention is computed in the steps 0 to this one")
            .or(2);
    private static final Setting<String> DROP =
            Setting.of("drop", "name of the branch that ends at the gate; default: none", "a branch", name -> name);

    private final String name;
    private final int gate;
    private final int interval;
    private final int intervalAfter;
    private final int warmUp;
    private final Optional<String> drop;

    private TGate(Settings settings) {
        name = settings.policy();
        gate = settings.get(GATE);
        interval = settings.get(INTERVAL);
        intervalAfter = settings.get(INTERVAL_AFTER);
        warmUp = settings.get(WARM_UP);
        drop = settings.find(DROP);
    }

    static PolicyProvider provider() {
        return PolicyProvider.of(
                "tgate",
                "T-GATE: cross-attention is reused from a gate step on, self-attention in between",
                GATE,
                List.of(GATE, INTERVAL, INTERVAL_AFTER, WARM_UP, DROP),
                TGate::new);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Set<Requirement> requirements() {
        return Set.of(Requirement.SITES);
    }

    @Override
    public PolicyRun begin(Layout layout, Generation generation) {
        int steps = generation.steps();
        SiteSchedule schedule = new SiteSchedule(name, layout, generation, this::reuses);
        if (gate > steps && steps > 1) {
            schedule.warn(Scope.beyond(name, gate, steps));
        }
        return drop.isEmpty() ? schedule : dropping(drop.get(), schedule, generation);
    }

    private PolicyRun dropping(String branch, PolicyRun schedule, Generation generation) {
        List<String> branches = generation.branches();
        Scope.check(
                branches.contains(branch) && branches.size() > 1,
                name,
                "drops the branch '" + branch + "', but the branches that are called separately are " + branches);
        Scope.check(
                gate < generation.steps(),
                name,
                "drops the branch '" + branch + "' after step " + gate + ", but that is the last one");
        return new Dropping(schedule, branch, gate);
    }

    private boolean reuses(Site site, int step) {
        if (site.kind() == ResidualKind.CROSS_ATTENTION) {
            return step >= gate;
        }
        if (!site.kind().isSelfAttention() || step == gate - 1) {
            return false;
        }
        return step >= gate ? step % intervalAfter != 0 : step > warmUp && step % interval != 0;
    }

    private record Dropping(PolicyRun schedule, String drop, int gate) implements PolicyRun {
        @Override
        public List<String> warnings() {
            return schedule.warnings();
        }

        @Override
        public List<? extends Part> plan(StepView step) {
            return schedule.plan(step);
        }

        @Override
        public Decision decide(Part part, StepView step) {
            return schedule.decide(part, step);
        }

        @Override
        public boolean needs(String branch, int step) {
            return !branch.equals(drop) || step <= gate;
        }
    }
}
