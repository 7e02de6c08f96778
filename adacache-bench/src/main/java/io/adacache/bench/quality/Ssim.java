package io.adacache.bench.quality;

/**
 * Structural similarity of two grey pictures with values from 0 to 1: Gaussian window of 11 x 11 with standard deviation 1.5,
 * constants 0.01 and 0.03, mean over the places where the window fits whole.
 *
 * <p>Source: Wang et al., <em>Image quality assessment: from error visibility to structural similarity</em>, 2004.
 */
public final class Ssim {
    /** Sides of the window. */
    static final int WINDOW = 11;

    private static final double C1 = 0.01 * 0.01;
    private static final double C2 = 0.03 * 0.03;
    private static final double[] KERNEL = kernel();

    private Ssim() {}

    private static double[] kernel() {
        double[] kernel = new double[WINDOW];
        double sum = 0;
        for (int i = 0; i < WINDOW; i++) {
            double distance = i - WINDOW / 2;
            kernel[i] = Math.exp(-distance * distance / (2 * 1.5 * 1.5));
            sum += kernel[i];
        }
        for (int i = 0; i < WINDOW; i++) {
            kernel[i] /= sum;
        }
        return kernel;
    }

    /**
     * Returns the similarity, 1 for equal pictures.
     *
     * @param a {@code height x width} values, row major
     * @param b as many
     * @throws IllegalArgumentException if a side is shorter than 11 pixels
     */
    public static double of(double[] a, double[] b, int height, int width) {
        if (height < WINDOW || width < WINDOW) {
            throw new IllegalArgumentException(
                    "SSIM needs pictures of " + WINDOW + " x " + WINDOW + " or more, not " + height + " x " + width);
        }
        double[] meanA = blur(a, height, width);
        double[] meanB = blur(b, height, width);
        double[] squareA = blur(product(a, a), height, width);
        double[] squareB = blur(product(b, b), height, width);
        double[] mixed = blur(product(a, b), height, width);
        double sum = 0;
        for (int i = 0; i < meanA.length; i++) {
            double ab = meanA[i] * meanB[i];
            double aa = meanA[i] * meanA[i];
            double bb = meanB[i] * meanB[i];
            sum += (2 * ab + C1)
                    * (2 * (mixed[i] - ab) + C2)
                    / ((aa + bb + C1) * (squareA[i] - aa + squareB[i] - bb + C2));
        }
        return sum / meanA.length;
    }

    private static double[] product(double[] a, double[] b) {
        double[] product = new double[a.length];
        for (int i = 0; i < a.length; i++) {
            product[i] = a[i] * b[i];
        }
        return product;
    }

    /** Returns the window's mean around each place where it fits: {@code (height - 10) x (width - 10)} values. */
    private static double[] blur(double[] picture, int height, int width) {
        int columns = width - WINDOW + 1;
        double[] across = new double[height * columns];
        for (int i = 0; i < across.length; i++) {
            int from = i / columns * width + i % columns;
            for (int k = 0; k < WINDOW; k++) {
                across[i] += KERNEL[k] * picture[from + k];
            }
        }
        double[] both = new double[(height - WINDOW + 1) * columns];
        for (int i = 0; i < both.length; i++) {
            for (int k = 0; k < WINDOW; k++) {
                both[i] += KERNEL[k] * across[i + k * columns];
            }
        }
        return both;
    }
}
