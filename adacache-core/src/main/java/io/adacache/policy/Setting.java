package io.adacache.policy;

import org.jspecify.annotations.Nullable;

/**
 * One setting of a policy, as text: what configuration files and command lines give.
 *
 * @param name in lower case, words parted by {@code -}
 * @param defaultValue taken where nothing is given; null where it depends on something, which the meaning tells
 * @param meaning one line for help output: what it does and what it may be
 */
public record Setting(String name, @Nullable String defaultValue, String meaning) {
    /** Returns a setting that is taken as given where it is not set. */
    public static Setting of(String name, Object defaultValue, String meaning) {
        return new Setting(name, String.valueOf(defaultValue), meaning);
    }

    /** Returns a setting without default. */
    public static Setting unset(String name, String meaning) {
        return new Setting(name, null, meaning);
    }
}
