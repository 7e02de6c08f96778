package io.adacache.rivals;

import io.adacache.layout.Layout;
import io.adacache.layout.Site;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Generation;
import io.adacache.policy.PolicyProvider;
import io.adacache.policy.PolicyRun;
import io.adacache.policy.Setting;
import io.adacache.policy.Settings;
import io.adacache.policy.Settings.Range;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Pyramid Attention Broadcast: inside a window of timesteps, each kind of attention is computed in every n-th step only, with
 * the largest n for cross-attention; the MLPs of listed blocks are computed at listed timesteps and reused in the steps after.
 *
 * <p>Step s (from 0) reuses a kind if {@code s % range != 0} and {@code window.first < t < window.last}. Source: <em>Real-Time
 * Video Generation with Pyramid Attention Broadcast</em> (arXiv 2408.12588) and VideoSys, {@code videosys/core/pab/pab_mgr.py}
 * and {@code videosys/pipelines}. As there, t is the timestep after rounding to the model's dtype and then down: some listed
 * timesteps occur in bf16 only. Different here: cross-attention is kept with its gate, where the model has one, and nothing is kept
 * that no later step reuses.
 */
final class Pab implements CachePolicy {
    /** The dtype that a timestep is cast to before it is rounded down. */
    enum Rounding {
        /** Eight significant bits: timesteps from 512 on become multiples of 4. */
        BF16,
        /** As good as none. */
        FP32;

        int of(double timestep) {
            float value = (float) timestep;
            if (this == BF16) {
                int bits = Float.floatToIntBits(value);
                value = Float.intBitsToFloat((bits + 0x7FFF + (bits >>> 16 & 1)) & 0xFFFF0000);
            }
            return (int) value;
        }
    }

    /** The published ranges, alike for most models. */
    enum Speed {
        SLOW(2, 4, 6),
        MIDDLE(3, 5, 7),
        FAST(5, 7, 9);

        private final int spatial;
        private final int temporal;
        private final int cross;

        Speed(int spatial, int temporal, int cross) {
            this.spatial = spatial;
            this.temporal = temporal;
            this.cross = cross;
        }
    }

    private static final Setting<Speed> SPEED = Setting.choice(
                    "speed", Speed.class, "the published ranges: slow 2, 4 and 6, middle 3, 5 and 7, fast 5, 7 and 9")
            .or(Speed.SLOW);
    private static final Setting<Range> WINDOW = Setting.range(
                    "window", "timesteps between which attention is reused, both excluded, as 450-930")
            .ofModel();
    private static final Setting<Integer> SPATIAL =
            Scope.atLeast(1, "spatial", "range of spatial (or joint) attention; default by speed");
    private static final Setting<Integer> TEMPORAL =
            Scope.atLeast(1, "temporal", "range of temporal attention; default by speed");
    private static final Setting<Integer> CROSS =
            Scope.atLeast(1, "cross", "range of cross-attention; default by speed");
    private static final Setting<List<Integer>> MLP = Setting.list(
            "mlp",
            "timesteps at which MLPs are computed and kept; default: none",
            "whole numbers, parted by ';' or '+'",
            Integer::valueOf);
    private static final Setting<List<Range>> MLP_BLOCKS =
            Setting.ranges("mlp-blocks", "blocks whose MLPs are reused").ofModel();
    private static final Setting<Integer> MLP_STEPS =
            Scope.atLeast(0, "mlp-steps", "for how many steps they are reused").or(2);
    private static final Setting<Rounding> TIMESTEP_DTYPE = Setting.choice(
                    "timestep-dtype", Rounding.class, "what the model casts timesteps to before they are looked up")
            .or(Rounding.FP32);

    private final Settings settings;
    private final Range window;
    private final int spatial;
    private final int temporal;
    private final int cross;
    private final List<Integer> mlpTimesteps;
    private final List<Range> mlpBlocks;
    private final int mlpSteps;
    private final Rounding rounding;

    private Pab(Settings settings) {
        this.settings = settings;
        Speed speed = settings.get(SPEED);
        window = settings.get(WINDOW);
        spatial = settings.find(SPATIAL).orElse(speed.spatial);
        temporal = settings.find(TEMPORAL).orElse(speed.temporal);
        cross = settings.find(CROSS).orElse(speed.cross);
        mlpTimesteps = settings.find(MLP).orElse(List.of());
        mlpBlocks = mlpTimesteps.isEmpty() ? List.of() : settings.get(MLP_BLOCKS);
        mlpSteps = settings.get(MLP_STEPS);
        rounding = settings.get(TIMESTEP_DTYPE);
        for (Setting<?> setting : List.of(MLP_BLOCKS, MLP_STEPS)) {
            Scope.check(
                    settings.isGiven(MLP) || !settings.isGiven(setting),
                    name(),
                    "the setting '" + setting + "' does nothing without '" + MLP + "': " + MLP.help());
        }
    }

    static PolicyProvider provider() {
        return PolicyProvider.of(
                "pab",
                "Pyramid Attention Broadcast: attention in every n-th step of a window; pab:fast is pab:speed=fast",
                SPEED,
                List.of(SPEED, WINDOW, SPATIAL, TEMPORAL, CROSS, MLP, MLP_BLOCKS, MLP_STEPS, TIMESTEP_DTYPE),
                Pab::new);
    }

    @Override
    public String name() {
        return settings.policy();
    }

    @Override
    public Set<Requirement> requirements() {
        return Set.of(Requirement.SITES, Requirement.TIMESTEPS);
    }

    @Override
    public PolicyRun begin(Layout layout, Generation generation) {
        Scope.blocks(name(), MLP_BLOCKS, mlpBlocks, layout);
        List<Integer> timesteps =
                generation.timesteps().stream().map(rounding::of).toList();
        SiteSchedule schedule =
                new SiteSchedule(name(), layout, generation, (site, step) -> reuses(site, step, timesteps));
        if (!mlpTimesteps.isEmpty() && mlpTimesteps.stream().noneMatch(timesteps::contains)) {
            schedule.warn("Policy '" + name() + "' reuses no MLP: none of the timesteps " + mlpTimesteps
                    + " occurs among those announced (" + TIMESTEP_DTYPE + "="
                    + rounding.name().toLowerCase(Locale.ROOT) + ")");
        }
        return schedule;
    }

    private boolean reuses(Site site, int step, List<Integer> timesteps) {
        int timestep = timesteps.get(step);
        return switch (site.kind()) {
            case SPATIAL_ATTENTION, JOINT_ATTENTION -> isBetween(step, spatial, timestep);
            case TEMPORAL_ATTENTION -> isBetween(step, temporal, timestep);
            case CROSS_ATTENTION -> isBetween(step, cross, timestep);
            case MLP ->
                mlpBlocks.stream().anyMatch(range -> range.contains(site.block()))
                        && isAfterListed(timestep, timesteps);
            case POSITION -> false;
        };
    }

    private boolean isBetween(int step, int range, int timestep) {
        return step % range != 0 && window.first() < timestep && timestep < window.last();
    }

    private boolean isAfterListed(int timestep, List<Integer> timesteps) {
        if (mlpTimesteps.contains(timestep)) {
            return false;
        }
        for (int listed : mlpTimesteps) {
            int index = timesteps.indexOf(listed);
            if (index >= 0
                    && timesteps
                            .subList(index, Math.min(timesteps.size(), index + 1 + mlpSteps))
                            .contains(timestep)) {
                return true;
            }
        }
        return false;
    }
}
