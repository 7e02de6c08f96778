package io.adacache.bench.derive;

import io.adacache.AdaCache;
import io.adacache.metric.Measure;
import io.adacache.metric.Metric;
import io.adacache.policy.Codebook;
import io.adacache.tune.Fitting;
import io.adacache.tune.Recording;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Finds the thresholds of a codebook from recordings of uncached generations: each rate but the last gets an equal share of the
 * distances between neighbouring steps, then all thresholds are stretched until the wanted share of the steps is computed. Immutable.
 */
public final class CodebookFinder {
    private static final MathContext DIGITS = new MathContext(3);
    private static final double LARGEST_STRETCH = 100;

    private final List<Recording> recordings;
    private final int[] rates;
    private final double[] distances;

    /**
     * Creates a finder.
     *
     * @param recordings of what {@link AdaCache} measures by default; one or more
     * @param rates descending, two or more, each 1 or more
     */
    public CodebookFinder(List<Recording> recordings, int[] rates) {
        this.recordings = List.copyOf(recordings);
        this.rates = rates.clone();
        this.distances = recordings.stream()
                .flatMapToDouble(recording -> Arrays.stream(distances(recording)))
                .sorted()
                .toArray();
        boolean descending = IntStream.range(1, rates.length).allMatch(i -> rates[i] < rates[i - 1]);
        if (rates.length < 2 || !descending || rates[rates.length - 1] < 1) {
            throw new IllegalArgumentException(
                    "Rates descend, two or more of them, down to 1 or more, but got " + Arrays.toString(rates));
        }
        if (distances.length == 0 || !Arrays.stream(distances).allMatch(d -> d > 0 && Double.isFinite(d))) {
            throw new IllegalArgumentException(
                    "Thresholds need distances above 0, but got " + Arrays.toString(distances));
        }
    }

    /** Returns the distance of every step of the first recording from the one before, from step 2 on. */
    public double[] firstDistances() {
        return distances(recordings.get(0));
    }

    private static double[] distances(Recording recording) {
        Measure.Distance measure =
                AdaCache.builder().build().begin(recording.layout(), recording.generation()).measures().stream()
                        .filter(Measure.Distance.class::isInstance)
                        .map(Measure.Distance.class::cast)
                        .findFirst()
                        .orElseThrow();
        return IntStream.rangeClosed(2, recording.generation().steps())
                .mapToDouble(step -> Metric.L1.distance(recording.distance(measure.probe(), Metric.L1, step, step - 1)))
                .toArray();
    }

    /** Returns the distance below which a share 0..1 of all distances lies. */
    public double quantile(double share) {
        double place = share * (distances.length - 1);
        int below = (int) place;
        int above = Math.min(below + 1, distances.length - 1);
        return distances[below] + (place - below) * (distances[above] - distances[below]);
    }

    /** Returns the codebook whose thresholds are quantiles of the distances, times a factor, to three digits. */
    Codebook stretched(double factor) {
        List<Codebook.Entry> entries = new ArrayList<>();
        double before = 0;
        for (int i = 0; i < rates.length - 1; i++) {
            double threshold = rounded(factor * quantile((i + 1.0) / rates.length));
            if (threshold > before) {
                entries.add(new Codebook.Entry(threshold, rates[i]));
                before = threshold;
            }
        }
        // The last entry holds for everything else, whatever its threshold.
        entries.add(new Codebook.Entry(Math.max(1, rounded(2 * before)), rates[rates.length - 1]));
        return new Codebook(entries);
    }

    private static double rounded(double value) {
        return BigDecimal.valueOf(value).round(DIGITS).doubleValue();
    }

    /**
     * Returns the codebook with which a share of the steps is computed when the recordings are replayed.
     *
     * @param share above 0, at most 1
     */
    public Codebook find(double share) {
        double steps = recordings.get(0).generation().steps();
        return stretched(
                Fitting.settingFor(recordings, factor -> policy(stretched(factor)), share * steps, 0, LARGEST_STRETCH));
    }

    /** Returns the fewest steps that any stretching of the thresholds computes when the recordings are replayed. */
    public double fewest() {
        return computed(stretched(LARGEST_STRETCH));
    }

    /** Returns the most steps likewise. */
    public double most() {
        return computed(stretched(0));
    }

    /** Returns the mean number of steps that a codebook computes when the recordings are replayed. */
    public double computed(Codebook codebook) {
        return Fitting.work(recordings, policy(codebook));
    }

    private static AdaCache policy(Codebook codebook) {
        return AdaCache.builder().codebook(codebook).build();
    }
}
