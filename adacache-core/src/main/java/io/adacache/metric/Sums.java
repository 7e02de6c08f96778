package io.adacache.metric;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Partial sums of a comparison, one line per batch row. Immutable.
 *
 * <p>What the three numbers of a row are depends on the {@link Metric}. The decision over a whole batch, over several
 * guidance branches or over shards of a tensor follows from the same numbers: they are added before the metric's formula.
 */
public final class Sums {
    /** Numbers per row. */
    public static final int PER_ROW = 3;

    /**
     * How the rows of a batch make one decision. A row is a line of the call's batch: a video, or with batched guidance one of its
     * halves (docs/decisions/0013).
     */
    public enum Rows {
        /** The sums of all rows are added, and decide: as published. A large row outvotes a small one. */
        MEAN,
        /** Each row is looked at alone, and any row that must compute makes all compute. */
        ANY;

        /** Returns what is looked at: all rows together, or each alone. */
        public List<Sums> heard(Sums sums) {
            return this == MEAN ? List.of(sums) : sums.perRow();
        }

        /** Returns the value that decides: that of all rows together, or the largest; not a number where one of them is none. */
        public double largest(Sums sums, ToDoubleFunction<Sums> value) {
            return heard(sums).stream().mapToDouble(value).reduce(Double.NEGATIVE_INFINITY, Math::max);
        }
    }

    private final double[][] rows;

    private Sums(double[][] rows) {
        this.rows = rows;
    }

    /**
     * Returns sums with the given rows.
     *
     * @param rows {@code [row][3]}; copied
     * @throws IllegalArgumentException if a row has not three numbers
     */
    public static Sums of(double[][] rows) {
        double[][] copy = new double[rows.length][];
        for (int i = 0; i < rows.length; i++) {
            if (rows[i].length != PER_ROW) {
                throw new IllegalArgumentException("Row " + i + " has " + rows[i].length + " sums, not " + PER_ROW);
            }
            copy[i] = rows[i].clone();
        }
        return new Sums(copy);
    }

    /** Returns the rows of all given sums, one after another: the branches of a step as one batch. */
    public static Sums merge(List<Sums> parts) {
        List<double[]> all = new ArrayList<>();
        for (Sums part : parts) {
            all.addAll(List.of(part.rows));
        }
        return new Sums(all.toArray(double[][]::new));
    }

    /** Returns the number of batch rows. */
    public int rows() {
        return rows.length;
    }

    /** Returns the sums of one row alone. */
    public Sums row(int index) {
        return new Sums(new double[][] {rows[index]});
    }

    /** Returns the sums of each row alone. */
    public List<Sums> perRow() {
        return IntStream.range(0, rows.length).mapToObj(this::row).toList();
    }

    /** Returns the three numbers, added over all rows. */
    public double[] total() {
        double[] total = new double[PER_ROW];
        for (double[] row : rows) {
            for (int i = 0; i < PER_ROW; i++) {
                total[i] += row[i];
            }
        }
        return total;
    }
}
