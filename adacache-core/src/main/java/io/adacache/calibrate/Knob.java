package io.adacache.calibrate;

import io.adacache.adaptive.Preset;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A policy's text with one free setting, which {@code *} stands for: {@code teacache:threshold=*}. A free codebook is that of one
 * number, docs/choosing.md. Immutable.
 *
 * @param template the text with one {@code *}
 * @param values all values to look at, ascending; between neighbours a search may look closer, unless they are whole numbers
 * @param whole whether the setting is a whole number
 * @param steps of the generation
 */
public record Knob(String template, List<Double> values, boolean whole, int steps) {
    /** The mark of the free setting. */
    public static final String FREE = "*";

    /** A whole number of computed steps, of which a bound on the error saves some: so numbers between are had in the mean. */
    private static final String CALLS = "calls=" + FREE;

    private static final String SAVING = CALLS + ",quality=";

    private static final MathContext DIGITS = new MathContext(3);
    private static final String CODEBOOK = "codebook=" + FREE;
    private static final double SMALLEST = 1e-6;
    private static final double LARGEST = 1e3;
    private static final int PER_DECADE = 4;

    /** Copies the list. */
    public Knob {
        values = List.copyOf(values);
    }

    /**
     * Returns the knob of a text.
     *
     * @param check throws {@link IllegalArgumentException} if a policy's text cannot be read, or does not go with the model
     * @throws IllegalArgumentException if the text has not one free setting, or no value fits there
     */
    public static Knob of(String template, int steps, Consumer<String> check) {
        if (template.indexOf(FREE) < 0 || template.indexOf(FREE) != template.lastIndexOf(FREE)) {
            throw new IllegalArgumentException("A policy to be calibrated has one free setting, written name:setting="
                    + FREE + ", but got '" + template + "'");
        }
        List<Double> logarithmic = new ArrayList<>();
        int count = (int) Math.round(PER_DECADE * Math.log10(LARGEST / SMALLEST));
        for (int i = 0; i <= count; i++) {
            logarithmic.add(SMALLEST * Math.pow(10, (double) i / PER_DECADE));
        }
        Knob real = new Knob(template, logarithmic, false, steps);
        boolean fractions = problem(real, 0.37, check) == null || problem(real, 1.37, check) == null;
        List<Double> all = fractions
                ? logarithmic
                : IntStream.rangeClosed(1, steps).mapToObj(i -> (double) i).toList();
        Knob knob = new Knob(template, all, !fractions, steps);
        List<Double> good = new ArrayList<>();
        List<IllegalArgumentException> problems = new ArrayList<>();
        for (double value : all) {
            IllegalArgumentException problem = problem(knob, value, check);
            if (problem == null) {
                good.add(value);
            } else {
                problems.add(problem);
            }
        }
        if (good.isEmpty()) {
            IllegalArgumentException last = problems.get(problems.size() - 1);
            throw new IllegalArgumentException("Nothing can be set in '" + template + "': " + last.getMessage(), last);
        }
        return new Knob(template, good, !fractions, steps);
    }

    private static @Nullable IllegalArgumentException problem(Knob knob, double value, Consumer<String> check) {
        try {
            check.accept(knob.at(value));
            return null;
        } catch (IllegalArgumentException e) {
            return e;
        }
    }

    /** Returns the policy's text with a value, to three digits, in the place of the mark. */
    public String at(double value) {
        String text = template.contains(CODEBOOK)
                ? codebook(value)
                : whole ? Long.toString(Math.round(value)) : rounded(value);
        return template.replace(FREE, text);
    }

    /** Returns whether {@link #between} may be asked for, by a check as that of {@link #of}. */
    public boolean isFine(Consumer<String> check) {
        if (!whole || !template.contains(CALLS)) {
            return false;
        }
        try {
            check.accept(between(values.get(values.size() - 1), 1));
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Returns the policy's text with a whole number, and the bound of which clips that need less save some of it. */
    public String between(double most, double quality) {
        return template.replace(CALLS, SAVING.replace(FREE, Long.toString(Math.round(most))) + rounded(quality));
    }

    private static String rounded(double value) {
        return BigDecimal.valueOf(value).round(DIGITS).stripTrailingZeros().toPlainString();
    }

    /** Rate r where reusing for r steps costs as much as computing: thresholds {@code 2c / (r (r - 1))}. */
    private String codebook(double c) {
        StringBuilder text = new StringBuilder();
        for (int rate = Math.max(2, Preset.largestRate(steps)); rate >= 2; rate--) {
            text.append(rounded(2 * c / (rate * (rate - 1))))
                    .append(':')
                    .append(rate)
                    .append(';');
        }
        return text + rounded(Math.max(10, 2 * c)) + ":1";
    }
}
