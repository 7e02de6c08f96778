package io.adacache.adaptive;

/**
 * Distances between the newest sums of a probe, from which the error of any forecast follows without a tensor.
 *
 * <p>For weights w that add up to 1, {@code |S - sum w_k S_k|^2 = sum w_k D_k - 1/2 sum sum w_k w_l D_kl}, with D_k the squared distance
 * of S from S_k and D_kl that between S_k and S_l. Sums are counted from the newest, 0.
 */
public final class Gram {
    /** Squared distances by number. */
    public interface Squares {
        double between(int one, int other);
    }

    private final int capacity;
    private final int[] steps;
    private final double[][] squares;
    private int size;

    /** Remembers so many sums. */
    public Gram(int capacity) {
        this.capacity = capacity;
        this.steps = new int[capacity];
        this.squares = new double[capacity][capacity];
    }

    /**
     * Takes in a sum.
     *
     * @param step in which it was computed
     * @param toKept its squared distances from the sums before it, newest first; those that are not given were not measured
     */
    public void push(int step, double... toKept) {
        for (int i = capacity - 1; i > 0; i--) {
            steps[i] = steps[i - 1];
            System.arraycopy(squares[i - 1], 0, squares[i], 1, capacity - 1);
        }
        steps[0] = step;
        size = Math.min(Math.min(size, toKept.length) + 1, capacity);
        squares[0][0] = 0;
        for (int i = 1; i < size; i++) {
            squares[0][i] = toKept[i - 1];
            squares[i][0] = toKept[i - 1];
        }
    }

    /** Returns how many sums are known. */
    public int size() {
        return size;
    }

    /** Returns the step of a sum. */
    public int step(int index) {
        return steps[index];
    }

    /** Returns the squared distance between two sums. */
    double square(int one, int other) {
        return squares[one][other];
    }

    /** Returns how far two forecasts of the newest sums are from each other; the weights of each add up to the same. */
    public double disagreement(double[] one, double[] other) {
        double square = 0;
        int count = Math.max(one.length, other.length);
        for (int k = 0; k < count; k++) {
            for (int l = 0; l < k; l++) {
                square -= (at(one, k) - at(other, k)) * (at(one, l) - at(other, l)) * squares[k][l];
            }
        }
        return square < 0 ? 0 : Math.sqrt(square);
    }

    private static double at(double[] weights, int index) {
        return index < weights.length ? weights[index] : 0;
    }

    /** Returns how far the newest sum was from the weighted sum of those before it. */
    double error(double... weights) {
        int[] others = new int[weights.length];
        for (int i = 0; i < others.length; i++) {
            others[i] = i + 1;
        }
        return error(this::square, 0, others, weights);
    }

    /**
     * Returns how far a sum is from the weighted sum of others; 0 where rounding makes it less.
     *
     * @param squares squared distances
     * @param target whose error it is
     * @param others by which it is forecast
     * @param weights of the others; they add up to 1
     */
    public static double error(Squares squares, int target, int[] others, double[] weights) {
        double square = 0;
        for (int k = 0; k < weights.length; k++) {
            int one = others[k];
            square += weights[k] * squares.between(target, one);
            for (int l = 0; l < k; l++) {
                square -= weights[k] * weights[l] * squares.between(one, others[l]);
            }
        }
        return square < 0 ? 0 : Math.sqrt(square);
    }
}
