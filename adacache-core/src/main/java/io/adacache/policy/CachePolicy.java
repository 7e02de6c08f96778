package io.adacache.policy;

import io.adacache.layout.Layout;
import java.util.function.BiFunction;

/**
 * A rule for what is computed and what is reused. Immutable and shared between generations; the state of one generation
 * is a {@link PolicyRun}. The conformance kit is {@code CachePolicyKit} in the test jar.
 */
public interface CachePolicy {
    /** Returns the name that reports show, with the settings that matter: {@code every:n=2}. */
    String name();

    /**
     * Begins a generation.
     *
     * @throws IllegalArgumentException if the policy cannot work with this layout or generation; the message says why and
     *     what to do
     */
    PolicyRun begin(Layout layout, Generation generation);

    /** Returns a policy of that name whose generations the function begins. */
    static CachePolicy of(String name, BiFunction<Layout, Generation, PolicyRun> begin) {
        return new CachePolicy() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public PolicyRun begin(Layout layout, Generation generation) {
                return begin.apply(layout, generation);
            }

            @Override
            public String toString() {
                return name;
            }
        };
    }

    /** Returns the error for a policy that needs sites, given an opaque layout. */
    static IllegalArgumentException needsSites(String policy) {
        return new IllegalArgumentException(
                "Policy '" + policy + "' decides per block, but this model is opaque: its file carries"
                        + " no adacache.json manifest. Use a whole-call policy (none, every, even), export the checkpoint with"
                        + " adacache_export, or make an AdaCache-ready copy of the file with 'instrument'.");
    }
}
