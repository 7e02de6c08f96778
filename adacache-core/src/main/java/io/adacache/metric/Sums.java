package io.adacache.metric;

import java.util.ArrayList;
import java.util.List;

/**
 * Partial sums of a comparison, one line per batch row. Immutable.
 *
 * <p>What the three numbers of a row are depends on the {@link Metric}. The decision over a whole batch, over several
 * guidance branches or over shards of a tensor follows from the same numbers: they are added before the metric's formula.
 */
public final class Sums {
    /** Numbers per row. */
    public static final int PER_ROW = 3;

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
