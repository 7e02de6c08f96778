package io.adacache.policy;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Named figures behind one decision, for traces and reports. Immutable, in the order in which they were added.
 *
 * <p>The names of {@link #DISTANCE} and its neighbours mean the same in every policy; a policy may add its own.
 */
public final class Figures {
    /** Distance of the probe from what it was, raw. */
    public static final String DISTANCE = "distance";
    /** Distance per step of gap. */
    public static final String RATE_OF_CHANGE = "rate_of_change";
    /** Motion score before normalisation. */
    public static final String MOTION = "motion";
    /** Motion score after normalisation, 1 outside the window. */
    public static final String MOTION_FACTOR = "motion_factor";
    /** Motion gradient. */
    public static final String MOTION_GRADIENT = "motion_gradient";
    /** What the codebook or the threshold sees. */
    public static final String METRIC = "metric";
    /** Number of steps from this computation to the next. */
    public static final String RATE = "rate";
    /** What a policy adds up from step to step. */
    public static final String ACCUMULATED = "accumulated";

    /** What a guarded session takes the error of all reused steps to be by now, relative to the whole way. */
    public static final String ESTIMATED_ERROR = "estimated_error";

    /** What {@link #METRIC} or {@link #ACCUMULATED} is compared with. */
    public static final String THRESHOLD = "threshold";
    /** How near the metric came to a threshold, relative to the threshold. */
    public static final String MARGIN = "margin";

    /** Rows of the batch that alone would have decided otherwise; absent where there are none. */
    public static final String ROWS_AGAINST = "rows_against";

    private static final Figures NONE = new Figures(Map.of());

    private final Map<String, Double> values;

    private Figures(Map<String, Double> values) {
        this.values = values;
    }

    /** Returns no figures. */
    public static Figures none() {
        return NONE;
    }

    /** Returns these figures and one more. */
    public Figures with(String name, double value) {
        Map<String, Double> copy = new LinkedHashMap<>(values);
        copy.put(name, value);
        return new Figures(Collections.unmodifiableMap(copy));
    }

    /** Returns these figures with a metric, the threshold it is compared with, and how near they are. */
    public Figures against(double metric, double threshold) {
        return with(METRIC, metric)
                .with(THRESHOLD, threshold)
                .with(MARGIN, Math.abs(metric - threshold) / Math.abs(threshold));
    }

    /** Returns these figures and the number of {@linkplain #ROWS_AGAINST rows} that would have decided otherwise, if there are any. */
    public Figures withRowsAgainst(long rows) {
        return rows == 0 ? this : with(ROWS_AGAINST, rows);
    }

    /** Returns the figure of that name, if there is one. */
    public OptionalDouble get(String name) {
        Double value = values.get(name);
        return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
    }

    /** Returns all figures by name. */
    public Map<String, Double> asMap() {
        return values;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Figures figures && figures.values.equals(values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return values.toString();
    }
}
