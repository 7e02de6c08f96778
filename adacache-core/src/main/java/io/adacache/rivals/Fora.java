package io.adacache.rivals;

import io.adacache.layout.Layout;
import io.adacache.layout.ResidualKind;
import io.adacache.layout.Site;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Generation;
import io.adacache.policy.PolicyProvider;
import io.adacache.policy.PolicyRun;
import io.adacache.policy.Setting;
import io.adacache.policy.Settings;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * FORA: attention and MLP are computed in every n-th step, whatever the video.
 *
 * <p>Step s (from 0) computes if {@code s % n == 0}. Source: <em>FORA: Fast-Forward Caching in Diffusion Transformer
 * Acceleration</em> (arXiv 2407.01425) and {@code prathebaselva/FORA: src/models.py}. There the outputs before the gate are kept
 * and today's gate is applied; here the gated residual is kept, so that with one n for all kinds a single sum suffices.
 */
final class Fora implements CachePolicy {
    private static final Setting<Integer> N =
            Scope.atLeast(1, "n", "from one computation to the next").or(3);
    private static final Setting<Integer> ATTENTION =
            Scope.atLeast(1, "attention", "the same for self-attention; default: n");
    private static final Setting<Integer> CROSS = Scope.atLeast(1, "cross", "the same for cross-attention; default: n");
    private static final Setting<Integer> MLP = Scope.atLeast(1, "mlp", "the same for the MLP; default: n");

    private final String name;
    private final int interval;
    private final Optional<Integer> attention;
    private final Optional<Integer> cross;
    private final Optional<Integer> mlp;

    private Fora(Settings settings) {
        name = settings.policy();
        interval = settings.get(N);
        attention = settings.find(ATTENTION);
        cross = settings.find(CROSS);
        mlp = settings.find(MLP);
    }

    static PolicyProvider provider() {
        return PolicyProvider.of(
                "fora",
                "FORA: every residual in every n-th step, per kind; fora-3 is fora:n=3",
                N,
                List.of(N, ATTENTION, CROSS, MLP),
                Fora::new);
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
        attention.ifPresent(n -> Scope.kind(name, ATTENTION, ResidualKind::isSelfAttention, layout));
        cross.ifPresent(n -> Scope.kind(name, CROSS, ResidualKind.CROSS_ATTENTION::equals, layout));
        mlp.ifPresent(n -> Scope.kind(name, MLP, ResidualKind.MLP::equals, layout));
        return new SiteSchedule(name, layout, generation, (site, step) -> step % interval(site) != 0);
    }

    private int interval(Site site) {
        return switch (site.kind()) {
            case SPATIAL_ATTENTION, TEMPORAL_ATTENTION, JOINT_ATTENTION, POSITION -> attention.orElse(interval);
            case CROSS_ATTENTION -> cross.orElse(interval);
            case MLP -> mlp.orElse(interval);
        };
    }
}
