package io.adacache.policy;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The settings of one policy, read by type: what was given, or the default. A value that does not fit is an error that names the
 * policy, the setting, what is expected and what was given. Immutable.
 */
public final class Settings {
    /** A range of whole numbers, both ends included. */
    public record Range(int first, int last) {
        /** Checks the order. */
        public Range {
            if (first > last) {
                throw new IllegalArgumentException("A range ascends, but got " + first + "-" + last);
            }
        }

        /** Returns the range that a text describes, {@code 4-26} or {@code 7}. */
        public static Range parse(String text) {
            String[] ends = text.split("-", 2);
            int first = Integer.parseInt(ends[0].trim());
            return new Range(first, ends.length == 1 ? first : Integer.parseInt(ends[1].trim()));
        }

        /** Whether the number lies in the range. */
        public boolean contains(int number) {
            return first <= number && number <= last;
        }

        @Override
        public String toString() {
            return first == last ? Integer.toString(first) : first + "-" + last;
        }
    }

    private final String policy;
    private final Map<String, Setting<?>> known;
    private final Map<String, Object> values;
    private final Map<String, String> texts;

    private Settings(
            String policy, Map<String, Setting<?>> known, Map<String, Object> values, Map<String, String> texts) {
        this.policy = policy;
        this.known = known;
        this.values = values;
        this.texts = texts;
    }

    /** Returns settings in which nothing is given, for a policy that is made in code. */
    public static Settings of(String policy) {
        return new Settings(policy, Map.of(), Map.of(), Map.of());
    }

    /**
     * Reads texts.
     *
     * @param policy whose settings they are
     * @param known the settings that it has
     * @param given texts by name
     * @throws IllegalArgumentException if there is no setting of a name, or a value does not fit; the message says what exists
     *     and what is expected
     */
    public static Settings parse(String policy, Collection<? extends Setting<?>> known, Map<String, String> given) {
        Map<String, Setting<?>> byName = new LinkedHashMap<>();
        known.forEach(setting -> byName.put(setting.name(), setting));
        Map<String, Object> values = new LinkedHashMap<>();
        given.forEach((name, text) -> {
            Setting<?> setting = byName.get(name);
            if (setting == null) {
                throw new IllegalArgumentException("Policy '" + policy + "' has no setting '" + name + "'; "
                        + (byName.isEmpty() ? "it has none" : "its settings: " + String.join(", ", byName.keySet())));
            }
            values.put(name, setting.parse(policy, text));
        });
        return new Settings(policy, byName, values, new LinkedHashMap<>(given));
    }

    /** Returns the same with a value given. */
    public <V> Settings with(Setting<V> setting, V value) {
        Map<String, Object> more = new LinkedHashMap<>(values);
        more.put(setting.name(), value);
        return new Settings(policy, known, more, texts);
    }

    /** Returns the value, or the default. Throws {@link IllegalArgumentException} if there is neither. */
    public <V> V get(Setting<V> setting) {
        return find(setting).orElseThrow(() -> setting.missing(policy));
    }

    /**
     * Returns the value, or the default, or empty if there is neither. A default that the provider gave to a setting of that name
     * goes before the setting's own.
     */
    @SuppressWarnings("unchecked") // a value only ever stands under a setting of its type
    public <V> Optional<V> find(Setting<V> setting) {
        if (!known.isEmpty() && !known.containsKey(setting.name())) {
            throw new IllegalStateException("Policy '" + policy + "' reads the setting '" + setting
                    + "', which its provider does not list: " + known.keySet());
        }
        Object value = values.get(setting.name());
        String otherwise = known.getOrDefault(setting.name(), setting).defaultText();
        return value != null
                ? Optional.of((V) value)
                : Optional.ofNullable(otherwise).map(text -> setting.parse(policy, text));
    }

    /** Whether a value was given, rather than left to the default. */
    public boolean isGiven(Setting<?> setting) {
        return values.containsKey(setting.name());
    }

    /** Returns the name of the policy. */
    public String policy() {
        return policy;
    }

    /** Returns the policy and the texts that were given: {@code every:n=2}. */
    public String label() {
        return texts.isEmpty()
                ? policy
                : texts.entrySet().stream()
                        .map(entry -> entry.getKey() + "=" + entry.getValue())
                        .collect(Collectors.joining(",", policy + ":", ""));
    }

    @Override
    public String toString() {
        return label();
    }
}
