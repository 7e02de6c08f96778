package io.adacache.tune;

/** Polynomials through points. */
final class LeastSquares {
    private LeastSquares() {}

    /** Returns the polynomial of a degree that fits points with the least sum of squares: QR by Gram-Schmidt, done twice. */
    static double[] polynomial(double[] x, double[] y, int degree) {
        if (x.length <= degree) {
            throw new IllegalArgumentException(
                    "A polynomial of degree " + degree + " needs more than " + degree + " points, but got " + x.length);
        }
        int n = degree + 1;
        double[][] q = new double[n][x.length];
        double[][] r = new double[n][n];
        double[] projected = new double[n];
        for (int c = 0; c < n; c++) {
            for (int i = 0; i < x.length; i++) {
                q[c][i] = Math.pow(x[i], c);
            }
            for (int pass = 0; pass < 2; pass++) {
                for (int b = 0; b < c; b++) {
                    double dot = dot(q[b], q[c]);
                    r[b][c] += dot;
                    for (int i = 0; i < x.length; i++) {
                        q[c][i] -= dot * q[b][i];
                    }
                }
            }
            r[c][c] = Math.sqrt(dot(q[c], q[c]));
            for (int i = 0; i < x.length; i++) {
                q[c][i] /= r[c][c];
            }
            projected[c] = dot(q[c], y);
        }
        double[] highestFirst = new double[n];
        for (int c = n - 1; c >= 0; c--) {
            double value = projected[c];
            for (int later = c + 1; later < n; later++) {
                value -= r[c][later] * highestFirst[n - 1 - later];
            }
            highestFirst[n - 1 - c] = value / r[c][c];
        }
        return highestFirst;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
