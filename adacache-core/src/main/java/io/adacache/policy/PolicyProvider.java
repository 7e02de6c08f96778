package io.adacache.policy;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Makes a policy from settings, so that it can be named in configuration and on the command line.
 *
 * <p>To add a policy: one class that implements {@link CachePolicy}, with a provider of it, and one line with the provider's
 * name in {@code META-INF/services/io.adacache.policy.PolicyProvider} (or {@code provides} in a module descriptor). Providers are
 * stateless.
 */
public interface PolicyProvider {
    /** Returns the policy's name: lower case, words parted by {@code -}. */
    String name();

    /** Returns one line for help output. */
    String summary();

    /** Returns all settings, in the order in which help shows them. */
    default List<Setting<?>> settings() {
        return List.of();
    }

    /** Returns the setting that a bare value sets: with {@code n}, {@code every-2} and {@code every:2} mean {@code every:n=2}. */
    default Optional<Setting<?>> shorthand() {
        return Optional.empty();
    }

    /**
     * Returns the policy. Whoever asked for it by text puts the text on it as its name.
     *
     * @throws IllegalArgumentException if values do not fit together; the message says which and what is expected
     */
    CachePolicy create(Settings settings);

    /**
     * Returns a provider.
     *
     * @param shorthand the setting that a bare value sets, or null
     * @param making makes the policy; see {@link #create}
     */
    static PolicyProvider of(
            String name,
            String summary,
            @Nullable Setting<?> shorthand,
            List<Setting<?>> settings,
            Function<Settings, CachePolicy> making) {
        List<Setting<?>> copy = List.copyOf(settings);
        return new PolicyProvider() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public String summary() {
                return summary;
            }

            @Override
            public List<Setting<?>> settings() {
                return copy;
            }

            @Override
            public Optional<Setting<?>> shorthand() {
                return Optional.ofNullable(shorthand);
            }

            @Override
            public CachePolicy create(Settings settings) {
                return making.apply(settings);
            }
        };
    }
}
