package io.adacache.policy;

import io.adacache.layout.Layout;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * A rule for what is computed and what is reused. Immutable and shared between generations; the state of one generation
 * is a {@link PolicyRun}. The number of steps is known when a generation begins, and not before. The conformance kit is
 * {@code CachePolicyKit} in the test jar.
 */
public interface CachePolicy {
    /** What a policy cannot do without. */
    enum Requirement {
        /** The model's residuals: it decides per block, so an opaque model will not do. */
        SITES,
        /** The noise level of each step, announced when the generation begins. */
        TIMESTEPS
    }

    /** Returns the name that reports show, with the settings that matter: {@code every:n=2}. */
    String name();

    /** Returns what this policy cannot do without; checked by {@link #check} before a generation begins. */
    Set<Requirement> requirements();

    /**
     * Begins a generation that has what is {@linkplain #requirements required}.
     *
     * @throws IllegalArgumentException if the policy cannot work with this layout or generation; the message says why and
     *     what to do
     */
    PolicyRun begin(Layout layout, Generation generation);

    /** Returns where the settings of this policy hold, if they were fitted; a session outside says so once. */
    default Optional<Generation.Scope> scope() {
        return Optional.empty();
    }

    /** Returns the same policy, whose settings were fitted there. */
    default CachePolicy within(Generation.Scope scope) {
        return new ScopedPolicy(this, scope);
    }

    /**
     * Checks that a generation has what this policy {@linkplain #requirements requires}: what a session asks before it begins.
     *
     * @param remedy how sites can be had for such a model; a sentence, or empty
     * @throws IllegalArgumentException if something is missing; the message says what to do
     */
    default void check(Layout layout, Generation generation, String remedy) {
        if (requirements().contains(Requirement.SITES) && layout.isOpaque()) {
            throw new IllegalArgumentException(
                    "Policy '" + name() + "' decides per block, but this model is opaque: it has"
                            + " no sites. Use a policy of whole calls (none, every, even, steps, easycache, adacache-plus)"
                            + (remedy.isEmpty() ? "" : ". " + remedy));
        }
        if (requirements().contains(Requirement.TIMESTEPS)
                && generation.timesteps().isEmpty()) {
            throw new IllegalArgumentException(
                    "Policy '" + name() + "' decides by timesteps, but none were"
                            + " announced; give the noise level of each step (0..1000) when the session begins: timesteps(...)");
        }
    }

    /** Returns the same policy in a form that decides the same steps and holds less; empty where there is none. */
    default Optional<CachePolicy> lighter() {
        return Optional.empty();
    }

    /** Returns the same policy under another name. */
    default CachePolicy named(String name) {
        return of(name, requirements(), this::begin);
    }

    /** Returns a policy of that name whose generations the function begins. */
    static CachePolicy of(String name, Set<Requirement> requirements, BiFunction<Layout, Generation, PolicyRun> begin) {
        Set<Requirement> copy = Set.copyOf(requirements);
        return new CachePolicy() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public Set<Requirement> requirements() {
                return copy;
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
}
