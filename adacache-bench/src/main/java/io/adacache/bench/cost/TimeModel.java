package io.adacache.bench.cost;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.RealVector;
import org.apache.commons.math3.linear.SingularValueDecomposition;

/**
 * How long a machine takes for a unit of each kind of {@link Work}; a call's time is their sum. Nothing overlaps in it, which on a
 * device that computes and moves at once is the pessimistic reading. Immutable.
 *
 * @param perProduct seconds for an operation of a matrix product
 * @param perAttention seconds for an operation between tokens
 * @param perByte seconds for a byte read or written
 * @param perLaunch seconds for an operation of the engine
 */
public record TimeModel(double perProduct, double perAttention, double perByte, double perLaunch) {
    private static final int KINDS = 4;

    /** How many times a machine is fitted to at least. */
    static final int FEWEST = KINDS;

    /**
     * A time that was measured.
     *
     * @param group what is left out together when the model is checked: a model at a size
     * @param what for people: plain, computed, reused
     * @param work what was done
     * @param seconds how long it took
     */
    public record Observation(String group, String what, Work work, double seconds) {}

    /** Returns the seconds of a piece of work. */
    public double seconds(Work work) {
        return perProduct * work.products()
                + perAttention * work.attention()
                + perByte * work.bytes()
                + perLaunch * work.launches();
    }

    /**
     * Fits a machine to measured times: the least sum of squares of relative errors under which no time is negative. Every choice of
     * kinds that take time at all is tried, and the best is taken.
     *
     * @throws IllegalArgumentException if there are fewer times than kinds of work
     */
    public static TimeModel fit(List<Observation> measured) {
        if (measured.size() < FEWEST) {
            throw new IllegalArgumentException("A model of time is fitted to at least " + FEWEST
                    + " measured times, but got " + measured.size() + "; measure more sizes");
        }
        double[] best = new double[KINDS];
        double least = Double.POSITIVE_INFINITY;
        for (int chosen = 1; chosen < 1 << KINDS; chosen++) {
            double[] tried = solve(measured, chosen);
            double error = error(measured, of(tried));
            if (Arrays.stream(tried).allMatch(seconds -> seconds >= 0) && error < least) {
                least = error;
                best = tried;
            }
        }
        return of(best);
    }

    private static TimeModel of(double[] each) {
        return new TimeModel(each[0], each[1], each[2], each[3]);
    }

    /** Least squares over the chosen kinds, in units in which every measured time is 1 and every kind's largest share is 1. */
    private static double[] solve(List<Observation> measured, int chosen) {
        List<Integer> kinds = new ArrayList<>();
        for (int kind = 0; kind < KINDS; kind++) {
            if ((chosen >> kind & 1) == 1) {
                kinds.add(kind);
            }
        }
        RealMatrix shares = MatrixUtils.createRealMatrix(measured.size(), kinds.size());
        for (int row = 0; row < measured.size(); row++) {
            double[] parts = measured.get(row).work().parts();
            for (int column = 0; column < kinds.size(); column++) {
                shares.setEntry(
                        row,
                        column,
                        parts[kinds.get(column)] / measured.get(row).seconds());
            }
        }
        double[] scale = new double[kinds.size()];
        for (int column = 0; column < scale.length; column++) {
            scale[column] = Math.max(shares.getColumnVector(column).getLInfNorm(), Double.MIN_NORMAL);
            shares.setColumnVector(column, shares.getColumnVector(column).mapDivide(scale[column]));
        }
        RealVector found =
                new SingularValueDecomposition(shares).getSolver().solve(new ArrayRealVector(measured.size(), 1));
        double[] each = new double[KINDS];
        for (int column = 0; column < scale.length; column++) {
            each[kinds.get(column)] = found.getEntry(column) / scale[column];
        }
        return each;
    }

    private static double error(List<Observation> measured, TimeModel model) {
        return measured.stream()
                .mapToDouble(one -> Math.pow(model.seconds(one.work()) / one.seconds() - 1, 2))
                .sum();
    }

    /**
     * A measured time beside what is predicted for it by a model that was fitted without its group.
     *
     * @param observation what was measured
     * @param predicted seconds
     */
    public record Checked(Observation observation, double predicted) {
        /** Returns how far the prediction is off, relative to what was measured. */
        public double error() {
            return predicted / observation.seconds() - 1;
        }
    }

    /** Leaves out one group after another, and predicts it from the others, where these are two groups and times enough. */
    public static List<Checked> check(List<Observation> measured) {
        List<String> groups =
                measured.stream().map(Observation::group).distinct().toList();
        List<Checked> checked = new ArrayList<>();
        if (groups.size() < 3) {
            return checked;
        }
        for (String group : groups) {
            List<Observation> others =
                    measured.stream().filter(one -> !one.group().equals(group)).toList();
            if (others.size() < FEWEST) {
                continue;
            }
            TimeModel model = fit(others);
            measured.stream()
                    .filter(one -> one.group().equals(group))
                    .forEach(one -> checked.add(new Checked(one, model.seconds(one.work()))));
        }
        return checked;
    }
}
