package io.adacache.adaptive;

import static io.adacache.adaptive.PlusSettings.CALLS;
import static io.adacache.adaptive.PlusSettings.CODEBOOK;
import static io.adacache.adaptive.PlusSettings.QUALITY;

import io.adacache.layout.Layout;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Generation;
import io.adacache.policy.PolicyProvider;
import io.adacache.policy.PolicyRun;
import io.adacache.policy.Setting;
import io.adacache.policy.Settings;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * AdaCache+: AdaCache's idea, with the codebook computed. One number to set.
 *
 * <p>At a computed step n it is known how far the newest kept sum was from the ones before it, and so how wrong each forecast of it was
 * ({@link Gram}); from that, how wrong each will be k steps on ({@link Outlook}); times what an error in that step comes to in the end
 * ({@link Profile}). The next computed step is the first before which these would add up to the threshold:
 *
 * <pre>
 * cost(R) = sum over k = 1..R-1 of g(n + k) e(k);   rate = the least R with cost(R + 1) >= threshold
 * </pre>
 *
 * With {@code quality} the threshold is given, with {@code calls} it is the one that will spend what is left ({@link Budget}); with both it is
 * the larger of the two, so that no more is computed than either asks for. Repeating
 * ({@code e(k) = d k}) with all steps weighed alike is the codebook in one number, {@code 2 quality / (R (R - 1)) : R}; any codebook of
 * AdaCache's is had with {@code codebook}. Sums of power laws are least where all runs cost the same, whatever the power, which is why
 * one threshold serves all.
 */
public final class PlusPolicy implements CachePolicy {
    private final String name;
    private final Settings settings;

    private PlusPolicy(Settings settings) {
        this.name = settings.policy();
        this.settings = settings;
        List<Setting<?>> chosen = Stream.<Setting<?>>of(QUALITY, CALLS, CODEBOOK)
                .filter(settings::isGiven)
                .toList();
        if (chosen.size() > 1 && chosen.contains(CODEBOOK)) {
            throw new IllegalArgumentException(
                    "Policy '" + name + "' takes a codebook, or quality (as quality=0.05: what may be"
                            + " lost) and calls (as calls=12: what may be computed), but got " + chosen);
        }
        if (settings.isGiven(CODEBOOK) && settings.isGiven(AdaptiveSettings.ROWS)) {
            throw new IllegalArgumentException("Policy '" + name
                    + "': rows does nothing where a codebook is looked up; take 'adacache' with rows and codebook");
        }
    }

    /** Returns its provider. */
    public static PolicyProvider provider() {
        return PolicyProvider.of(
                "adacache-plus",
                "AdaCache with a computed codebook, forecasts and one number to set: quality=0.05 or calls=12",
                null,
                PlusSettings.all(),
                PlusPolicy::new);
    }

    @Override
    public String name() {
        return name;
    }

    /** Works on any model, but where the stack's sum is asked for. */
    @Override
    public Set<Requirement> requirements() {
        return PlusSettings.keepsPredictions(settings) ? Set.of() : Set.of(Requirement.SITES);
    }

    @Override
    public PolicyRun begin(Layout layout, Generation generation) {
        return new PlusRun(settings, layout, generation);
    }

    @Override
    public String toString() {
        return name;
    }
}
