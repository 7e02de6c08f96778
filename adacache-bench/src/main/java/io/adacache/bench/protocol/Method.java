package io.adacache.bench.protocol;

import io.adacache.bench.files.Resources;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A method that takes part: policies with one number left open, which the search finds for each speed.
 *
 * <p>In a trial {@code {x}} stands for a number, {@code {i}} for a whole number, {@code {bookR}} for AdaCache's codebook of rates up to R in
 * one number, {@code {polynomial}} and {@code {ratios}} for what is fitted on the tuning prompts. A trial without a number is a fixed policy.
 *
 * @param name of the method
 * @param low end of the open number at which most is computed, or the other way round
 * @param high the other end
 * @param trials policies with the number left open, tried alike at each speed
 */
public record Method(String name, double low, double high, List<String> trials) {
    private static final String RESOURCE = "/io/adacache/bench/protocol/methods.txt";
    private static final Pattern BOOK = Pattern.compile("\\{book(\\d+)}");
    private static final Pattern OPEN = Pattern.compile("\\{(x|i|book\\d+)}");
    private static final int PARTS = 3;

    /** Copies the list. */
    public Method {
        trials = List.copyOf(trials);
    }

    /** Returns the methods that this program lists. */
    public static List<Method> listed() {
        return Resources.lines(RESOURCE).stream().map(Method::parse).toList();
    }

    /**
     * Reads {@code name | low..high | trial / trial / ...}.
     *
     * @throws IllegalArgumentException if the line is another
     */
    public static Method parse(String line) {
        String[] parts = line.split("\\|");
        String[] range = parts.length == PARTS ? parts[1].strip().split("\\.\\.") : new String[0];
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
                    Arrays.stream(parts[2].split(" / ")).map(String::strip).toList());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("The range of the method '" + line + "' is no pair of numbers", e);
        }
    }

    /** Whether a trial leaves a number open. */
    static boolean isOpen(String trial) {
        return OPEN.matcher(trial).find();
    }

    /** Whether that number is a whole one. */
    static boolean isWhole(String trial) {
        return trial.contains("{i}");
    }

    /**
     * Returns the policy of a trial.
     *
     * @param number what is left open
     * @param fitted texts for what is fitted, by name
     */
    static String policy(String trial, double number, Map<String, String> fitted) {
        String text = trial.replace("{x}", digits(number)).replace("{i}", Long.toString(Math.round(number)));
        Matcher book = BOOK.matcher(text);
        text = book.replaceAll(match -> codebook(number, Integer.parseInt(match.group(1))));
        for (Map.Entry<String, String> each : fitted.entrySet()) {
            text = text.replace("{" + each.getKey() + "}", each.getValue());
        }
        return text;
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
