package io.adacache.policy.rivals;

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
import java.util.Map;

/**
 * Pyramid Attention Broadcast: inside a window of timesteps, each kind of attention is computed in every n-th step only, with
 * the largest n for cross-attention; the MLPs of listed blocks are computed at listed timesteps and reused in the steps after.
 *
 * <p>Step s (from 0) reuses a kind if {@code s % range != 0} and {@code window.first < t < window.last}. Source: <em>Real-Time
 * Video Generation with Pyramid Attention Broadcast</em> (arXiv 2408.12588) and VideoSys, {@code videosys/core/pab/pab_mgr.py}
 * and {@code videosys/pipelines}. As there, t is the timestep after rounding to the model's dtype and then down: Open-Sora's
 * listed MLP timesteps occur in bf16 only. Different here: cross-attention is kept with its gate, where the model has one, and
 * nothing is kept that no later step reuses.
 *
 * @param name what reports show
 * @param window timesteps between which attention is reused, both ends excluded
 * @param spatial range of spatial and joint attention
 * @param temporal range of temporal attention
 * @param cross range of cross-attention
 * @param mlpTimesteps timesteps at which the listed MLPs are computed and kept
 * @param mlpBlocks blocks whose MLPs are reused
 * @param mlpSteps for how many steps they are reused
 * @param rounding the dtype of the timestep in the model
 */
public record Pab(
        String name,
        Range window,
        int spatial,
        int temporal,
        int cross,
        List<Integer> mlpTimesteps,
        List<Range> mlpBlocks,
        int mlpSteps,
        Rounding rounding)
        implements CachePolicy {
    /** The dtype that a timestep is cast to before it is rounded down. */
    public enum Rounding {
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

    enum Speed {
        SLOW,
        MIDDLE,
        FAST
    }

    /** Copies the lists and checks the ranges. */
    public Pab {
        mlpTimesteps = List.copyOf(mlpTimesteps);
        mlpBlocks = List.copyOf(mlpBlocks);
        if (spatial < 1 || temporal < 1 || cross < 1) {
            throw new IllegalArgumentException("Ranges of PAB are 1 or more, but got spatial=" + spatial + ", temporal="
                    + temporal + ", cross=" + cross);
        }
    }

    @Override
    public PolicyRun begin(Layout layout, Generation generation) {
        if (layout.isOpaque()) {
            throw CachePolicy.needsSites(name);
        }
        if (generation.timesteps().isEmpty()) {
            throw new IllegalArgumentException(
                    "Policy '" + name + "' reuses within a window of timesteps, but none were"
                            + " announced; give the noise level of each step (0..1000) when the session begins: timesteps(...)");
        }
        List<Integer> timesteps =
                generation.timesteps().stream().map(rounding::of).toList();
        return new SiteSchedule(layout, generation, (site, step) -> reuses(site, step, timesteps));
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

    /** Returns the provider: published presets per model and speed, each constant open. */
    public static PolicyProvider provider() {
        return PolicyProvider.of(
                "pab",
                "Pyramid Attention Broadcast: attention in every n-th step of a window; pab:fast is pab:speed=fast",
                "speed",
                List.of(
                        Published.setting(),
                        Setting.of("speed", "slow", "slow, middle or fast: the published ranges"),
                        Setting.unset("window", "timesteps (excluded ends), as 450-930; default: the model's"),
                        Setting.unset("spatial", "range of spatial (or joint) attention; default by model and speed"),
                        Setting.unset("temporal", "range of temporal attention; default by model and speed"),
                        Setting.unset("cross", "range of cross-attention; default by model and speed"),
                        Setting.unset("mlp", "timesteps at which MLPs are computed and kept; default: the model's"),
                        Setting.unset("mlp-blocks", "blocks whose MLPs are reused; default: 0-4, open-sora-plan 0-6"),
                        Setting.of("mlp-steps", 2, "for how many steps they are reused"),
                        Setting.unset("timestep-dtype", "bf16 or fp32; default: bf16 for open-sora, else fp32")),
                Pab::create);
    }

    private static CachePolicy create(Settings settings) {
        Published model = Published.of(settings);
        Speed speed = settings.choice("speed", Speed.class);
        Map<Speed, List<Integer>> ranges = model == Published.LATTE
                ? Map.of(Speed.SLOW, List.of(2, 3, 6), Speed.MIDDLE, List.of(3, 5, 7), Speed.FAST, List.of(4, 6, 9))
                : Map.of(Speed.SLOW, List.of(2, 4, 6), Speed.MIDDLE, List.of(3, 5, 7), Speed.FAST, List.of(5, 7, 9));
        List<Integer> range = ranges.get(speed);
        List<Integer> openSoraPlanMlp = List.of(738, 714, 690, 666, 642, 618, 594, 570, 546, 522, 498, 474, 450, 426);
        return new Pab(
                settings.label(),
                settings.isGiven("window")
                        ? settings.range("window")
                        : model.choose(new Range(450, 930), new Range(100, 850), new Range(100, 800)),
                settings.isGiven("spatial") ? settings.integer("spatial") : range.get(0),
                settings.isGiven("temporal") ? settings.integer("temporal") : range.get(1),
                settings.isGiven("cross") ? settings.integer("cross") : range.get(2),
                settings.isGiven("mlp")
                        ? settings.list("mlp", "timesteps, parted by ';' or '+'", Integer::valueOf)
                        : model.choose(List.of(676, 788, 864), openSoraPlanMlp, List.of(720, 640, 560, 480, 400)),
                settings.isGiven("mlp-blocks")
                        ? settings.ranges("mlp-blocks")
                        : List.of(new Range(0, model == Published.OPEN_SORA_PLAN ? 6 : 4)),
                settings.integer("mlp-steps"),
                settings.isGiven("timestep-dtype")
                        ? settings.choice("timestep-dtype", Rounding.class)
                        : model.choose(Rounding.BF16, Rounding.FP32, Rounding.FP32));
    }
}
