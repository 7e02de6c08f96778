package io.adacache.policy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/**
 * Thresholds on the distance, each with a cache rate: the larger the change, the sooner the next computation.
 *
 * <p>The first entry whose threshold is greater than the distance gives the rate; the last entry is taken for everything
 * else, whatever its threshold. Any number of entries from one on works. Source: AdaCache, equation 6 (the rate r reuses
 * r - 1 steps), and the published configurations.
 */
public record Codebook(List<Entry> entries) {
    /**
     * One line of a codebook.
     *
     * @param threshold distances below it take the rate
     * @param rate number of steps from one computation to the next; 1 computes every step
     */
    public record Entry(double threshold, int rate) {
        /** Checks the numbers. */
        public Entry {
            if (!(threshold > 0) || rate < 1) {
                throw new IllegalArgumentException(
                        "A codebook entry has a positive threshold and a rate of 1 or more, but got " + threshold + ":"
                                + rate);
            }
        }
    }

    /** Copies the entries and checks that thresholds ascend. */
    public Codebook {
        entries = List.copyOf(entries);
        if (entries.isEmpty()) {
            throw new IllegalArgumentException("A codebook has at least one entry");
        }
        for (int i = 1; i < entries.size(); i++) {
            if (entries.get(i).threshold() <= entries.get(i - 1).threshold()) {
                throw new IllegalArgumentException("Codebook thresholds must ascend, but " + entries);
            }
        }
    }

    /**
     * Parses {@code 0.08:6;0.16:5;1.00:1}; entries are parted by {@code ;} or {@code +}.
     *
     * @throws IllegalArgumentException if the text is no codebook
     */
    public static Codebook parse(String text) {
        List<Entry> entries = new ArrayList<>();
        for (String part : text.split("[;+]", -1)) {
            String[] pair = part.split(":", -1);
            try {
                if (pair.length != 2) {
                    throw new NumberFormatException();
                }
                entries.add(new Entry(Double.parseDouble(pair[0].trim()), Integer.parseInt(pair[1].trim())));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(
                        "'" + part
                                + "' is no codebook entry; write threshold:rate;threshold:rate, for example 0.08:6;0.16:5;1:1",
                        e);
            }
        }
        return new Codebook(entries);
    }

    /** Returns the rate for a distance; a distance that is not a number takes the last entry, as in the published code. */
    public int rate(double distance) {
        for (int i = 0; i < entries.size() - 1; i++) {
            if (distance < entries.get(i).threshold()) {
                return entries.get(i).rate();
            }
        }
        return entries.get(entries.size() - 1).rate();
    }

    /** Returns how near a distance is to the nearest threshold in use, relative to that threshold; 1 with one entry. */
    public double margin(double distance) {
        OptionalDouble nearest = nearestThreshold(distance);
        return nearest.isPresent() ? Math.abs(distance - nearest.getAsDouble()) / nearest.getAsDouble() : 1;
    }

    /** Returns the threshold in use that is nearest to a distance, relative to that threshold; empty with one entry. */
    public OptionalDouble nearestThreshold(double distance) {
        return entries.stream()
                .limit(entries.size() - 1L)
                .min(Comparator.comparingDouble(entry -> Math.abs(distance - entry.threshold()) / entry.threshold()))
                .map(entry -> OptionalDouble.of(entry.threshold()))
                .orElse(OptionalDouble.empty());
    }

    /** Returns the text that {@link #parse} reads. */
    @Override
    public String toString() {
        return entries.stream()
                .map(entry -> entry.threshold() + ":" + entry.rate())
                .collect(Collectors.joining(";"));
    }
}
