package io.adacache.rivals;

import io.adacache.layout.Layout;
import io.adacache.layout.Site;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Generation;
import io.adacache.policy.PolicyProvider;
import io.adacache.policy.PolicyRun;
import io.adacache.policy.Setting;
import io.adacache.policy.Settings;
import java.util.List;
import java.util.Set;

/**
 * Delta-DiT: what a run of blocks adds is reused in between; in early steps the rear blocks, which draw details, from the gate
 * step on the front blocks, which draw outlines.
 *
 * <p>Step s (from 0) reuses if {@code s % interval != 0}. Source: <em>Delta-DiT</em> (arXiv 2406.01125); there is no official
 * code. Where PAB and AdaCache compared it on video models, the share of work that they report as saved (2 % on Open-Sora) fits front
 * blocks after the gate alone, so {@code rear} is 0 unless given. Different here: at the gate the front blocks are reused at once
 * where the step before computed them.
 */
final class DeltaDit implements CachePolicy {
    private static final Setting<Integer> GATE =
            Scope.atLeast(0, "gate", "first late step, from 0").ofModel();
    private static final Setting<Integer> INTERVAL =
            Scope.atLeast(1, "interval", "from one computation to the next").or(2);
    private static final Setting<Integer> FRONT =
            Scope.atLeast(0, "front", "front blocks reused late").ofModel();
    private static final Setting<Integer> REAR =
            Scope.atLeast(0, "rear", "rear blocks reused early").or(0);

    private final String name;
    private final int gate;
    private final int interval;
    private final int front;
    private final int rear;

    private DeltaDit(Settings settings) {
        name = settings.policy();
        gate = settings.get(GATE);
        interval = settings.get(INTERVAL);
        front = settings.get(FRONT);
        rear = settings.get(REAR);
    }

    static PolicyProvider provider() {
        return PolicyProvider.of(
                "delta-dit",
                "Delta-DiT: rear blocks are reused in early steps, front blocks in late ones",
                GATE,
                List.of(GATE, INTERVAL, FRONT, REAR),
                DeltaDit::new);
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
        List<Integer> blocks =
                layout.sites().stream().map(Site::block).distinct().sorted().toList();
        Scope.check(
                front <= blocks.size() && rear <= blocks.size(),
                name,
                "front=" + front + " and rear=" + rear + " are more blocks than the model has: " + blocks.size());
        SiteSchedule schedule = new SiteSchedule(name, layout, generation, (site, step) -> {
            int index = blocks.indexOf(site.block());
            boolean cached = step >= gate ? index < front : index >= blocks.size() - rear;
            return cached && step % interval != 0;
        });
        boolean told = !schedule.warnings().isEmpty() || generation.steps() == 1;
        return gate <= generation.steps() || told
                ? schedule
                : schedule.warn(Scope.beyond(name, gate, generation.steps()));
    }
}
