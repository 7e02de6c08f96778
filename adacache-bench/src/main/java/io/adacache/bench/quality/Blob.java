package io.adacache.bench.quality;

import java.util.Arrays;

/**
 * How much of each pixel of a frame is of one colour.
 *
 * @param height rows
 * @param width columns
 * @param amounts 0 to 1
 */
record Blob(int height, int width, double[] amounts) {
    /** A usual brightness of the ground, of which the edge of an object has a share. */
    private static final double GROUND = 0.25;
    /** How far a pixel may lie beside the way from ground to colour. */
    private static final double BESIDE = 0.3;
    /** Pixels that an object has at least. */
    private static final double LEAST = 5;

    private static final double HALF = 0.5;
    private static final double THIRD = 1.0 / 3;
    /** How far apart the three colours of a grey pixel may be. */
    private static final double GREY = 0.1;

    private static double spread(double[] colour) {
        return Arrays.stream(colour).max().orElse(0)
                - Arrays.stream(colour).min().orElse(0);
    }

    /** Returns how much of a pixel a colour covers: its place on the way from grey to the colour, 0 beside that way. */
    static double amount(double[] pixel, double[] paint) {
        boolean grey = spread(paint) < GREY;
        if (!grey && spread(pixel) < GREY) {
            return 0;
        }
        double along = 0;
        double length = 0;
        for (int k = 0; k < paint.length; k++) {
            along += (pixel[k] - GROUND) * (paint[k] - GROUND);
            length += (paint[k] - GROUND) * (paint[k] - GROUND);
        }
        double amount = Math.min(1, Math.max(0, along / length));
        double away = 0;
        for (int k = 0; k < paint.length; k++) {
            double expected = GROUND + amount * (paint[k] - GROUND);
            away = Math.max(away, Math.abs(pixel[k] - expected));
        }
        // What is less may as well be another grey.
        return away > BESIDE || amount < (grey ? HALF : THIRD) ? 0 : amount;
    }

    double area() {
        double sum = 0;
        for (double amount : amounts) {
            sum += amount;
        }
        return sum;
    }

    boolean isThere() {
        return area() >= LEAST;
    }

    /** Returns the mean row of what is covered. */
    double row() {
        double sum = 0;
        for (int i = 0; i < amounts.length; i++) {
            sum += amounts[i] * (i / width + HALF);
        }
        return sum / area();
    }

    /** Returns the mean column. */
    double column() {
        double sum = 0;
        for (int i = 0; i < amounts.length; i++) {
            sum += amounts[i] * (i % width + HALF);
        }
        return sum / area();
    }

    /** Top, bottom, left and right of the box around the covered pixels, in half pixels inside of what is half covered. */
    private double[] box() {
        double[] box = {height, 0, width, 0};
        for (int i = 0; i < amounts.length; i++) {
            if (amounts[i] > HALF) {
                box[0] = Math.min(box[0], i / width);
                box[1] = Math.max(box[1], i / width + 1);
                box[2] = Math.min(box[2], i % width);
                box[3] = Math.max(box[3], i % width + 1);
            }
        }
        return box;
    }

    /** Whether the object does not touch the edge of the picture. */
    boolean isInside() {
        double[] box = box();
        return box[0] > 0 && box[1] < height && box[2] > 0 && box[3] < width;
    }

    /** Returns what a drawing in the middle of the box and this have in common, over what one of them has. */
    double agreement(String shape, double radius) {
        double[] box = box();
        double middleRow = (box[0] + box[1]) / 2;
        double middleColumn = (box[2] + box[3]) / 2;
        double both = 0;
        double either = 0;
        for (int i = 0; i < amounts.length; i++) {
            double x = i % width + HALF - middleColumn;
            double y = i / width + HALF - middleRow;
            double drawn = Math.min(1, Math.max(0, HALF - World.distance(shape, x, y, radius)));
            both += Math.min(drawn, amounts[i]);
            either += Math.max(drawn, amounts[i]);
        }
        return either == 0 ? 0 : both / either;
    }
}
