package io.adacache.bench.protocol;

import io.adacache.bench.files.Resources;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A method that takes part: policies with one number left open, which the search finds for each speed.
 *
 * <p>In a trial {@code {x}} stands for a number, {@code {i}} for a whole number, {@code {bookR}} for AdaCache's codebook of rates up to R in
 * one number, {@code {scheduleP}} for the best planned schedule of so many computed steps, errors to the power P adding up, {@code {polynomial}} and
 * {@code {ratios}} for what is fitted on the tuning prompts. A trial without a number is a fixed policy.
 *
 * @param name of the method
 * @param low end of the open number at which most is computed, or the other way round
 * @param high the other end
 * @param trials policies with the number left open, tried alike at each speed
 * @param kind what it is
 */
public record Method(String name, double low, double high, List<String> trials, Kind kind) {
    private static final String RESOURCE = "/io/adacache/bench/protocol/methods.txt";
    private static final Pattern BOOK = Pattern.compile("\\{book(\\d+)}");
    private static final Pattern OPEN = Pattern.compile("\\{(x|i|book\\d+|schedule\\d+)}");
    private static final Pattern WHOLE = Pattern.compile("\\{(i|schedule\\d+)}");
    private static final int PARTS = 3;

    /** What a method is to the one that all are held against. */
    public enum Kind {
        /** That method, its variants, and whatever a user adds: tested whatever the search says, no rival. */
        OWN,
        /** A rival that repeats what it kept. */
        REPEATS,
        /** A rival that forecasts. */
        FORECASTS,
        /** A rival that forecasts by a plan made on the tuning prompts, the same for every video: tested whatever the search says. */
        PLANNED,
        /** That method with some of its parts alone: what each is worth, on the tuning prompts; not tested. */
        PART
    }

    /** Copies the list. */
    public Method {
        trials = List.copyOf(trials);
    }

    /** Returns the methods that this program lists. */
    public static List<Method> listed() {
        return Resources.lines(RESOURCE).stream().map(Method::parse).toList();
    }

    /**
     * Reads {@code name | low..high | trial / trial / ... | kind}; without a kind it is {@link Kind#OWN}.
     *
     * @throws IllegalArgumentException if the line is another
     */
    public static Method parse(String line) {
        String[] parts = line.split("\\|");
        String[] range = parts.length == PARTS || parts.length == PARTS + 1
                ? parts[1].strip().split("\\.\\.")
                : new String[0];
        if (range.length != 2) {
            throw new IllegalArgumentException(
                    "A method is 'name | low..high | trial / trial', as 'easycache | 0..2 | easycache:threshold={x}', but got '"
                            + line + "'");
        }
        try {
            return new Method(
                    parts[0].strip(),
                    Double.parseDouble(range[0]),
                    Double.parseDouble(range[1]),
                    Arrays.stream(parts[2].split(" / ")).map(String::strip).toList(),
                    parts.length == PARTS ? Kind.OWN : kind(parts[PARTS].strip()));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("The range of the method '" + line + "' is no pair of numbers", e);
        }
    }

    private static Kind kind(String text) {
        for (Kind kind : Kind.values()) {
            if (kind.name().equalsIgnoreCase(text)) {
                return kind;
            }
        }
        throw new IllegalArgumentException(
                "A method is one of own, repeats, forecasts, planned, part, but got '" + text + "'");
    }

    /** Whether a trial leaves a number open. */
    static boolean isOpen(String trial) {
        return OPEN.matcher(trial).find();
    }

    /** Whether that number is a whole one. */
    static boolean isWhole(String trial) {
        return WHOLE.matcher(trial).find();
    }

    /**
     * Returns the policy of a trial.
     *
     * @param number what is left open
     * @param fitted on the tuning prompts
     */
    static String policy(String trial, double number, Fitted fitted) {
        String text = trial.replace("{x}", digits(number)).replace("{i}", Long.toString(Math.round(number)));
        Matcher book = BOOK.matcher(text);
        text = book.replaceAll(match -> codebook(number, Integer.parseInt(match.group(1))));
        return fitted.fill(text, number);
    }

    /** The thresholds that least error at a cost per computed step asks for: rate r below {@code 2 c / (r (r - 1))}. */
    private static String codebook(double cost, int rates) {
        double least = Math.max(cost, 1e-9);
        StringBuilder text = new StringBuilder();
        for (int rate = rates; rate >= 2; rate--) {
            text.append(digits(2 * least / (rate * (rate - 1))))
                    .append(':')
                    .append(rate)
                    .append(';');
        }
        return text + digits(Math.max(10, 2 * least)) + ":1";
    }

    /** Four digits, which a policy's name can hold and the search does not mind. */
    private static String digits(double value) {
        return new BigDecimal(value)
                .round(new MathContext(4))
                .stripTrailingZeros()
                .toPlainString();
    }
}
