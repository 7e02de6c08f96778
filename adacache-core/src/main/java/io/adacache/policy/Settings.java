package io.adacache.policy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The settings of one policy, read by type: what was given, or the provider's default. A value that does not fit is an error
 * that names the policy, the setting, what is expected and what was given. Immutable.
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

        /** Whether the number lies in the range. */
        public boolean contains(int number) {
            return first <= number && number <= last;
        }

        @Override
        public String toString() {
            return first == last ? Integer.toString(first) : first + "-" + last;
        }
    }

    /** Parts of a list; the plus sign of an exponent, as in 1.5e+02, parts nothing. */
    private static final Pattern LIST = Pattern.compile(";|(?<![eE])\\+");

    private final String policy;
    private final int steps;
    private final Map<String, Setting> known = new LinkedHashMap<>();
    private final Map<String, String> given;

    /**
     * Checks the names of settings.
     *
     * @param provider whose settings they are
     * @param given values by name
     * @param steps number of steps of the generation, which presets depend on
     * @throws IllegalArgumentException if the provider has no setting of a name; the message lists those that it has
     */
    public Settings(PolicyProvider provider, Map<String, String> given, int steps) {
        this.policy = provider.name();
        this.steps = steps;
        this.given = new LinkedHashMap<>(given);
        provider.settings().forEach(setting -> known.put(setting.name(), setting));
        for (String name : given.keySet()) {
            if (!known.containsKey(name)) {
                throw new IllegalArgumentException("Policy '" + policy + "' has no setting '" + name + "'; "
                        + (known.isEmpty() ? "it has none" : "its settings: " + String.join(", ", known.keySet())));
            }
        }
    }

    /** Returns the number of steps of the generation. */
    public int steps() {
        return steps;
    }

    /** Whether a value was given, rather than left to the default. */
    public boolean isGiven(String name) {
        return given.containsKey(name);
    }

    /** Returns the policy and what was given, as text: {@code every:n=2}. */
    public String label() {
        return given.isEmpty()
                ? policy
                : given.entrySet().stream()
                        .map(entry -> entry.getKey() + "=" + entry.getValue())
                        .collect(Collectors.joining(",", policy + ":", ""));
    }

    /** Returns the value as text, or empty if the setting has neither value nor default. */
    public Optional<String> text(String name) {
        Setting setting = known.get(name);
        if (setting == null) {
            throw new IllegalStateException("Policy '" + policy + "' reads the setting '" + name
                    + "', which its provider does not list: " + known.keySet());
        }
        String value = given.get(name);
        return Optional.ofNullable(value == null ? setting.defaultValue() : value.trim());
    }

    /** Returns a whole number. */
    public int integer(String name) {
        return value(name, "a whole number", Integer::valueOf);
    }

    /** Returns a number. */
    public double number(String name) {
        return value(name, "a number", text -> {
            double number = Double.parseDouble(text);
            if (!Double.isFinite(number)) {
                throw new NumberFormatException();
            }
            return number;
        });
    }

    /** Returns {@code true} or {@code false}. */
    public boolean flag(String name) {
        return value(name, "true or false", text -> {
            if (!text.equals("true") && !text.equals("false")) {
                throw new IllegalArgumentException();
            }
            return text.equals("true");
        });
    }

    /** Returns the parts of a list, which are parted by {@code ;} or {@code +}; an empty text is an empty list. */
    public List<String> list(String name) {
        return list(name, "a list, parted by ';' or '+'", part -> part);
    }

    /** Returns a list, each part of which is parsed. */
    public <V> List<V> list(String name, String expected, Function<String, V> parser) {
        return value(name, expected, text -> {
            List<V> parts = new ArrayList<>();
            for (String part : text.isEmpty() ? new String[0] : LIST.split(text, -1)) {
                parts.add(parser.apply(part.trim()));
            }
            return parts;
        });
    }

    /** Returns numbers. */
    public List<Double> numbers(String name) {
        return list(name, "numbers, parted by ';' or '+'", Double::valueOf);
    }

    /** Returns ranges of whole numbers: {@code 0-4;7}. */
    public List<Range> ranges(String name) {
        return list(name, "whole numbers or ranges, as 0-4;7", Settings::parseRange);
    }

    /** Returns one range of whole numbers: {@code 4-26}. */
    public Range range(String name) {
        return value(name, "a range, as 4-26", Settings::parseRange);
    }

    private static Range parseRange(String text) {
        String[] ends = text.split("-", 2);
        int first = Integer.parseInt(ends[0].trim());
        return new Range(first, ends.length == 1 ? first : Integer.parseInt(ends[1].trim()));
    }

    /** Returns one of an enum's constants, written in lower case with {@code -}. */
    public <E extends Enum<E>> E choice(String name, Class<E> type) {
        List<E> constants = List.of(type.getEnumConstants());
        String expected = constants.stream().map(Settings::id).collect(Collectors.joining(", "));
        return value(name, "one of " + expected, text -> constants.stream()
                .filter(constant -> id(constant).equals(text))
                .findFirst()
                .orElseThrow(IllegalArgumentException::new));
    }

    private static String id(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * Returns a value of any type.
     *
     * @param expected what is expected, for the error
     * @param parser reads the text; throws {@link IllegalArgumentException} if it does not fit
     */
    public <V> V value(String name, String expected, Function<String, V> parser) {
        String text = text(name)
                .orElseThrow(() -> new IllegalArgumentException(
                        "Policy '" + policy + "' needs the setting '" + name + "': " + expected));
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException e) {
            boolean telling = e.getMessage() != null && !(e instanceof NumberFormatException);
            throw new IllegalArgumentException(
                    "Setting '" + name + "' of policy '" + policy + "' is to be " + expected + ", but got '" + text
                            + "'" + (telling ? ": " + e.getMessage() : ""),
                    e);
        }
    }

    @Override
    public String toString() {
        return label();
    }
}
