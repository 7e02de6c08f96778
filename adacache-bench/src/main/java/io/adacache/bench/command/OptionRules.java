package io.adacache.bench.command;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * What holds for the options of every command, checked before it runs: numbers are finite, lists have no holes, and what is given does
 * something.
 */
public final class OptionRules {
    /** An option that does nothing unless one of some others is given, too. */
    @Retention(RetentionPolicy.RUNTIME)
    @Target(ElementType.FIELD)
    @interface OnlyWith {
        String[] value();
    }

    /** An option that does nothing where one of some others is given. */
    @Retention(RetentionPolicy.RUNTIME)
    @Target(ElementType.FIELD)
    @interface NotWith {
        String[] value();
    }

    private final ParseResult parsed;

    private OptionRules(ParseResult parsed) {
        this.parsed = parsed;
    }

    /** Throws {@link ParameterException} if an option of the command that was named does not do. */
    public static void check(ParseResult all) {
        ParseResult command = all;
        while (command.hasSubcommand()) {
            command = command.subcommand();
        }
        new OptionRules(command).check();
    }

    private void check() {
        for (OptionSpec option : parsed.matchedOptions()) {
            finite(option);
            holes(option);
            field(option).ifPresent(field -> effect(option, field));
        }
    }

    private void finite(OptionSpec option) {
        Object value = option.getValue();
        Stream<?> values = value instanceof Collection<?> many ? many.stream() : Stream.ofNullable(value);
        values.filter(each -> each instanceof Double || each instanceof Float)
                .filter(each -> !Double.isFinite(((Number) each).doubleValue()))
                .findFirst()
                .ifPresent(each -> {
                    throw wrong(option.longestName() + " is a number, but got " + each);
                });
    }

    private void holes(OptionSpec option) {
        String parting = option.splitRegex();
        if (!parting.isEmpty()) {
            for (String text : option.originalStringValues()) {
                try {
                    noHole(option.longestName(), text, text.split(parting, -1));
                } catch (IllegalArgumentException e) {
                    throw wrong(String.valueOf(e.getMessage()));
                }
            }
        }
        if (option.getValue() instanceof Map<?, ?> map) {
            map.keySet().stream()
                    .filter(key -> String.valueOf(key).isBlank())
                    .findFirst()
                    .ifPresent(key -> {
                        throw wrong(option.longestName() + " has nothing before its '='");
                    });
        }
    }

    /** Throws {@link IllegalArgumentException} if a list was written with nothing between two commas, or at an end. */
    static void noHole(String option, String text, String[] parts) {
        if (Arrays.stream(parts).anyMatch(String::isBlank)) {
            throw new IllegalArgumentException(
                    option + " has nothing before or behind a comma: '" + text + "'; give a list without holes");
        }
    }

    private void effect(OptionSpec option, Field field) {
        OnlyWith needed = field.getAnnotation(OnlyWith.class);
        if (needed != null && Stream.of(needed.value()).noneMatch(parsed::hasMatchedOption)) {
            throw wrong(option.longestName() + " does nothing without " + String.join(" or ", needed.value()));
        }
        NotWith other = field.getAnnotation(NotWith.class);
        if (other != null) {
            Stream.of(other.value())
                    .filter(parsed::hasMatchedOption)
                    .findFirst()
                    .ifPresent(given -> {
                        throw wrong(option.longestName() + " does nothing where " + given + " is given");
                    });
        }
    }

    /**
     * Throws if an option of some blocks of options was given: all that they say comes from elsewhere.
     *
     * @param elsewhere the option where it comes from
     * @param blocks classes that declare options
     */
    static void idle(ParseResult parsed, String elsewhere, List<Class<?>> blocks) {
        Predicate<Field> idle = field -> blocks.contains(field.getDeclaringClass());
        for (OptionSpec option : parsed.matchedOptions()) {
            if (field(option).filter(idle).isPresent()) {
                throw new ParameterException(
                        parsed.commandSpec().commandLine(),
                        option.longestName() + " does nothing where " + elsewhere + " is given");
            }
        }
    }

    private static Optional<Field> field(OptionSpec option) {
        @Nullable Object declared = option.userObject();
        return declared instanceof Field field ? Optional.of(field) : Optional.empty();
    }

    private ParameterException wrong(String message) {
        return new ParameterException(parsed.commandSpec().commandLine(), message);
    }
}
