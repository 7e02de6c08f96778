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
 * FORA: attention and MLP are computed in every n-th step, whatever the video.
 *
 * <p>Step s (from 0) computes if {@code s % n == 0}. Source: <em>FORA: Fast-Forward Caching in Diffusion Transformer
 * Acceleration</em> (arXiv 2407.01425) and {@code prathebaselva/FORA: src/models.py}. There the outputs before the gate are kept
 * and today's gate is applied; here the gated residual is kept, so that with one n for all kinds a single sum suffices.
 *
 * @param name what reports show
 * @param attention interval of self-attention
 * @param cross interval of cross-attention
 * @param mlp interval of the MLP
 */
public record Fora(String name, int attention, int cross, int mlp) implements CachePolicy {
    /** Checks the intervals. */
    public Fora {
        if (attention < 1 || cross < 1 || mlp < 1) {
            throw new IllegalArgumentException("FORA's intervals are 1 or more, but got attention=" + attention
                    + ", cross=" + cross + ", mlp=" + mlp);
        }
    }

    @Override
    public PolicyRun begin(Layout layout, Generation generation) {
        if (layout.isOpaque()) {
            throw CachePolicy.needsSites(name);
        }
        return new SiteSchedule(layout, generation, (site, step) -> step % interval(site) != 0);
    }

    private int interval(Site site) {
        return switch (site.kind()) {
            case SPATIAL_ATTENTION, TEMPORAL_ATTENTION, JOINT_ATTENTION, POSITION -> attention;
            case CROSS_ATTENTION -> cross;
            case MLP -> mlp;
        };
    }

    /** Returns the provider. */
    public static PolicyProvider provider() {
        return PolicyProvider.of(
                "fora",
                "FORA: every residual in every n-th step, per kind; fora-3 is fora:n=3",
                "n",
                List.of(
                        Setting.of("n", 3, "from one computation to the next"),
                        Setting.unset("attention", "the same for self-attention; default: n"),
                        Setting.unset("cross", "the same for cross-attention; default: n"),
                        Setting.unset("mlp", "the same for the MLP; default: n")),
                settings -> new Fora(
                        settings.label(),
                        interval(settings, "attention"),
                        interval(settings, "cross"),
                        interval(settings, "mlp")));
    }

    private static int interval(Settings settings, String kind) {
        return settings.integer(settings.isGiven(kind) ? kind : "n");
    }
}
