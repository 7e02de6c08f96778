package io.adacache.policy.rivals;

import io.adacache.layout.Layout;
import io.adacache.layout.Site;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Generation;
import io.adacache.policy.PolicyProvider;
import io.adacache.policy.PolicyRun;
import io.adacache.policy.Setting;
import io.adacache.policy.Settings;
import java.util.List;

/**
 * Delta-DiT: what a run of blocks adds is reused in between; in early steps the rear blocks, which draw details, from the gate
 * step on the front blocks, which draw outlines.
 *
 * <p>Step s (from 0) reuses if {@code s % interval != 0}. Source: <em>Delta-DiT</em> (arXiv 2406.01125); there is no official
 * code. The presets are those with which PAB and AdaCache compared it on video models, as far as their figures tell: the share
 * of work that they report as saved (2 % on Open-Sora) fits front blocks after the gate alone, so that is the default; give
 * {@code rear} for the whole method. Different here: at the gate the front blocks are reused at once where the step before
 * computed them.
 *
 * @param name what reports show
 * @param gate the step from which front blocks are reused, before it rear blocks
 * @param interval from one computation to the next
 * @param front number of front blocks
 * @param rear number of rear blocks
 */
public record DeltaDit(String name, int gate, int interval, int front, int rear) implements CachePolicy {
    /** Checks the numbers. */
    public DeltaDit {
        if (gate < 0 || interval < 1 || front < 0 || rear < 0) {
            throw new IllegalArgumentException("Delta-DiT has an interval of 1 or more and no negative number, but got"
                    + " gate=" + gate + ", interval=" + interval + ", front=" + front + ", rear=" + rear);
        }
    }

    @Override
    public PolicyRun begin(Layout layout, Generation generation) {
        if (layout.isOpaque()) {
            throw CachePolicy.needsSites(name);
        }
        List<Integer> blocks =
                layout.sites().stream().map(Site::block).distinct().sorted().toList();
        return new SiteSchedule(layout, generation, (site, step) -> {
            int index = blocks.indexOf(site.block());
            boolean cached = step >= gate ? index < front : index >= blocks.size() - rear;
            return cached && step % interval != 0;
        });
    }

    /** Returns the provider. */
    public static PolicyProvider provider() {
        return PolicyProvider.of(
                "delta-dit",
                "Delta-DiT: rear blocks are reused in early steps, front blocks in late ones",
                "gate",
                List.of(
                        Published.setting(),
                        Setting.unset("gate", "first late step, from 0; default 25, open-sora-plan 148, latte 48"),
                        Setting.of("interval", 2, "from one computation to the next"),
                        Setting.unset("front", "front blocks reused late; default 6, open-sora-plan 2, latte 3"),
                        Setting.of("rear", 0, "rear blocks reused early")),
                DeltaDit::create);
    }

    private static CachePolicy create(Settings settings) {
        Published model = Published.of(settings);
        return new DeltaDit(
                settings.label(),
                settings.isGiven("gate") ? settings.integer("gate") : model.choose(25, 148, 48),
                settings.integer("interval"),
                settings.isGiven("front") ? settings.integer("front") : model.choose(6, 2, 3),
                settings.integer("rear"));
    }
}
