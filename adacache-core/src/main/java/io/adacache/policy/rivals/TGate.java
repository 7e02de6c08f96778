package io.adacache.policy.rivals;

import io.adacache.layout.Layout;
import io.adacache.layout.ResidualKind;
import io.adacache.layout.Site;
import io.adacache.layout.Span;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Decision;
import io.adacache.policy.Generation;
import io.adacache.policy.PolicyProvider;
import io.adacache.policy.PolicyRun;
import io.adacache.policy.Setting;
import io.adacache.policy.Settings;
import io.adacache.policy.StepPlan;
import io.adacache.policy.StepView;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * T-GATE: cross-attention is computed up to a gate step and reused from then on; self-attention is reused in between before the
 * gate and computed in every n-th step after it; guidance may end at the gate.
 *
 * <p>Steps s from 0. Before {@code gate - 1}: cross-attention is computed; self-attention is computed while
 * {@code s <= warmUp} and where {@code s % interval == 0}. At {@code gate - 1} both are computed. From the gate on
 * cross-attention is reused, and self-attention computed where {@code s % intervalAfter == 0}. Source: <em>Faster Diffusion via
 * Temporal Attention Decomposition</em> (arXiv 2404.02747) and T-GATE, {@code tgate/tgate_utils.py}. There, what is kept at
 * the gate is the mean of both guidance halves, before the output's gate; here each branch keeps its own gated residual. Guidance
 * is dropped only if a branch is named and called separately; comparisons on video models keep it.
 *
 * @param name what reports show
 * @param gate the gate step
 * @param interval of self-attention before the gate
 * @param intervalAfter of self-attention from the gate on
 * @param warmUp steps at the beginning in which self-attention is computed
 * @param drop the branch that is not called from the gate on, or null
 */
public record TGate(
        String name,
        int gate,
        int interval,
        int intervalAfter,
        int warmUp,
        @Nullable String drop) implements CachePolicy {
    /** Checks the numbers. */
    public TGate {
        if (gate < 1 || interval < 1 || intervalAfter < 1) {
            throw new IllegalArgumentException("T-GATE's gate and intervals are 1 or more, but got gate=" + gate
                    + ", interval=" + interval + ", interval-after=" + intervalAfter);
        }
    }

    @Override
    public PolicyRun begin(Layout layout, Generation generation) {
        if (layout.isOpaque()) {
            throw CachePolicy.needsSites(name);
        }
        if (drop != null
                && (!generation.branches().contains(drop)
                        || generation.branches().size() < 2)) {
            throw new IllegalArgumentException("Policy '" + name + "' drops the branch '" + drop
                    + "', but the branches that are called separately are " + generation.branches());
        }
        PolicyRun schedule = new SiteSchedule(layout, generation, this::reuses);
        return drop == null ? schedule : new Dropping(schedule, drop, gate);
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
        public StepPlan plan(StepView step) {
            return schedule.plan(step);
        }

        @Override
        public Decision decide(Span span, StepView step) {
            return schedule.decide(span, step);
        }

        @Override
        public boolean needs(String branch, int step) {
            return !branch.equals(drop) || step <= gate;
        }
    }

    /** Returns the provider. Its presets are those with which T-GATE was compared on video models: guidance is kept. */
    public static PolicyProvider provider() {
        return PolicyProvider.of(
                "tgate",
                "T-GATE: cross-attention is reused from a gate step on, self-attention in between",
                "gate",
                List.of(
                        Published.setting(),
                        Setting.unset("gate", "the gate step; default 12, open-sora-plan 90, latte 20"),
                        Setting.of("interval", 2, "of self-attention before the gate"),
                        Setting.of("interval-after", 1, "of self-attention from the gate on"),
                        Setting.of("warm-up", 2, "self-attention is computed in the steps 0 to this one"),
                        Setting.unset("drop", "name of the branch that ends at the gate; default: none")),
                TGate::create);
    }

    private static CachePolicy create(Settings settings) {
        return new TGate(
                settings.label(),
                settings.isGiven("gate")
                        ? settings.integer("gate")
                        : Published.of(settings).choose(12, 90, 20),
                settings.integer("interval"),
                settings.integer("interval-after"),
                settings.integer("warm-up"),
                settings.text("drop").orElse(null));
    }
}
