package io.adacache.policy;

import io.adacache.metric.Sums;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One setting of a policy: its name, type, default and help, declared once. In configuration files and on command lines it is text;
 * a policy reads it by type from {@link Settings}. Immutable.
 *
 * @param <V> type of the value
 */
public final class Setting<V> {
    /** Parts of a list; the plus sign of an exponent, as in 1.5e+02, parts nothing. */
    private static final Pattern LIST = Pattern.compile(";|(?<![eE])\\+");

    private final String name;
    private final @Nullable String defaultText;
    private final String help;
    private final String expected;
    private final Function<String, V> parser;
    private final boolean ofModel;

    private Setting(
            String name,
            @Nullable String defaultText,
            String help,
            String expected,
            Function<String, V> parser,
            boolean ofModel) {
        this.name = name;
        this.defaultText = defaultText;
        this.help = help;
        this.expected = expected;
        this.parser = parser;
        this.ofModel = ofModel;
        if (defaultText != null) {
            checkDefault(defaultText);
        }
    }

    /** A wrong default is its declaration's fault, and is found there, not by the first user. */
    private void checkDefault(String text) {
        try {
            Objects.requireNonNull(parser.apply(text));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "The default '" + text + "' of setting '" + name + "' is not " + expected, e);
        }
    }

    /**
     * Returns a setting of any type.
     *
     * @param name in lower case, words parted by {@code -}
     * @param help one line: what it does and what it may be
     * @param expected what is expected, for the error
     * @param parser reads the text; throws {@link IllegalArgumentException} if it does not fit
     */
    public static <V> Setting<V> of(String name, String help, String expected, Function<String, V> parser) {
        return new Setting<>(name, null, help, expected, parser, false);
    }

    /** Returns a setting that is a finite number. */
    public static Setting<Double> number(String name, String help) {
        return of(name, help, "a number", Setting::finite);
    }

    /** Returns a setting that is a whole number. */
    public static Setting<Integer> integer(String name, String help) {
        return of(name, help, "a whole number", Integer::valueOf);
    }

    /** Returns a setting that is {@code true} or {@code false}. */
    public static Setting<Boolean> flag(String name, String help) {
        return of(name, help, "true or false", text -> {
            if (!text.equals("true") && !text.equals("false")) {
                throw new IllegalArgumentException();
            }
            return text.equals("true");
        });
    }

    /** Returns a setting that is one of an enum's constants, written in lower case with {@code -}. */
    public static <E extends Enum<E>> Setting<E> choice(String name, Class<E> type, String help) {
        List<E> constants = List.of(type.getEnumConstants());
        String known = constants.stream().map(Setting::id).collect(Collectors.joining(", "));
        return of(name, help, "one of " + known, text -> constants.stream()
                .filter(constant -> id(constant).equals(text))
                .findFirst()
                .orElseThrow(IllegalArgumentException::new));
    }

    /** Returns the setting of every policy that measures distances: how the rows of a batch make one decision. */
    public static Setting<Sums.Rows> rows() {
        return choice(
                        "rows",
                        Sums.Rows.class,
                        "of a batch: mean, all rows together decide, as published; any, one that must compute makes all"
                                + " compute")
                .or(Sums.Rows.MEAN);
    }

    /** Returns a setting that is a list, parted by {@code ;} or {@code +}; an empty text is an empty list. */
    public static <V> Setting<List<V>> list(String name, String help, String expected, Function<String, V> parser) {
        return of(name, help, expected, text -> {
            List<V> parts = new ArrayList<>();
            for (String part : text.isEmpty() ? new String[0] : LIST.split(text, -1)) {
                parts.add(parser.apply(part.trim()));
            }
            return List.copyOf(parts);
        });
    }

    /** Returns a setting that is a list of numbers. */
    public static Setting<List<Double>> numbers(String name, String help) {
        return list(name, help, "numbers, parted by ';' or '+'", Setting::finite);
    }

    /** Returns a setting that is a list of ranges of whole numbers: {@code 0-4;7}. */
    public static Setting<List<Settings.Range>> ranges(String name, String help) {
        return list(name, help, "whole numbers or ranges, as 0-4;7", Settings.Range::parse);
    }

    /** Returns a setting that is one range of whole numbers: {@code 4-26}. */
    public static Setting<Settings.Range> range(String name, String help) {
        return of(name, help, "a range, as 4-26", Settings.Range::parse);
    }

    /**
     * Returns the same with a default: what is taken where nothing is given.
     *
     * @param value a value, or a text that would be read as one
     * @throws IllegalArgumentException if it is neither
     */
    public Setting<V> or(Object value) {
        String text = value instanceof Enum<?> constant ? id(constant) : String.valueOf(value);
        return new Setting<>(name, text, help, expected, parser, ofModel);
    }

    /**
     * Returns the same for values that pass a test alone.
     *
     * @param rule what they must be, for the error: {@code 1 or more}
     */
    public Setting<V> where(Predicate<V> test, String rule) {
        Function<String, V> checked = text -> {
            V value = parser.apply(text);
            if (!test.test(value)) {
                throw new IllegalArgumentException();
            }
            return value;
        };
        return new Setting<>(name, defaultText, help, expected + ", " + rule, checked, ofModel);
    }

    /** Returns the same, marked as a constant of the model: what is missing is then to be had from the model's maker. */
    public Setting<V> ofModel() {
        return new Setting<>(name, defaultText, help, expected, parser, true);
    }

    private static double finite(String text) {
        double number = Double.parseDouble(text);
        if (!Double.isFinite(number)) {
            throw new NumberFormatException();
        }
        return number;
    }

    private static String id(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Returns the name. */
    public String name() {
        return name;
    }

    /** Returns the default as text; null where there is none, or where it depends on something, which the help tells. */
    public @Nullable String defaultText() {
        return defaultText;
    }

    /** Returns one line for help output: what it does and what it may be. */
    public String help() {
        return help;
    }

    /** Reads a text. */
    V parse(String policy, String text) {
        try {
            return parser.apply(text.trim());
        } catch (IllegalArgumentException e) {
            boolean telling = e.getMessage() != null && !(e instanceof NumberFormatException);
            throw new IllegalArgumentException(
                    "Setting '" + name + "' of policy '" + policy + "' is to be " + expected + ", but got '" + text
                            + "'" + (telling ? ": " + e.getMessage() : ""),
                    e);
        }
    }

    /** Returns the error for a setting that has neither value nor default. */
    IllegalArgumentException missing(String policy) {
        String what = "Policy '" + policy + "' needs the setting '" + name + "': " + expected + " (" + help + ")";
        return new IllegalArgumentException(
                ofModel
                        ? what + ". It is a constant of the model: a model file carries it among the 'policies' of its"
                                + " manifest. Give it, or take that of a published model with model=NAME, or fit it on"
                                + " recordings"
                        : what);
    }

    @Override
    public String toString() {
        return name;
    }
}
