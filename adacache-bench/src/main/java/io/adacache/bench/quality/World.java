package io.adacache.bench.quality;

import io.adacache.bench.quality.Words.Kind;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the clips show that a trained model learned from: the numbers of {@code clips.py} and {@code world.py}.
 *
 * @param size rows and columns in pixels
 * @param radii of the objects in pixels, by the word for their size; one without a word where all are alike
 * @param slow from this many pixels per frame an object moves
 * @param fast from this many it moves fast
 * @param cell side of a square of the checkerboard
 */
record World(int size, Map<String, Double> radii, double slow, double fast, int cell) {
    /** One object on a background that stands still. */
    static final World FIRST = new World(32, Map.of("small", 4.5, "large", 8.5), 0.35, 1.5, 8);

    /** One or two objects, backgrounds that pan, cuts. */
    static final World LATER = new World(16, Map.of("", 3.3), 0.25, 0.85, 4);

    private static final int STRIPE = 4;
    private static final double LOW = 0.16;
    private static final double HIGH = 0.40;

    /** Red, green and blue by word. */
    static final Map<String, double[]> COLOURS = colours();

    static final List<String> SHAPES = List.of("circle", "square", "triangle", "ring");
    static final List<String> DIRECTIONS = List.of("left", "right", "up", "down");
    private static final List<String> SPEEDS = List.of("still", "slowly", "fast");
    private static final List<String> SIZES = List.of("small", "large");
    private static final List<String> BACKGROUNDS =
            List.of("black", "gray", "stripes", "checkerboard", "gradient", "clouds");
    /** The backgrounds that look the same in every clip; clouds do not. */
    static final List<String> PATTERNS = BACKGROUNDS.subList(0, BACKGROUNDS.size() - 1);

    private static Map<String, double[]> colours() {
        Map<String, double[]> colours = new LinkedHashMap<>();
        colours.put("red", new double[] {0.93, 0.13, 0.13});
        colours.put("green", new double[] {0.10, 0.78, 0.20});
        colours.put("blue", new double[] {0.13, 0.30, 0.97});
        colours.put("yellow", new double[] {0.98, 0.88, 0.10});
        colours.put("white", new double[] {1.00, 1.00, 1.00});
        colours.put("purple", new double[] {0.72, 0.20, 0.90});
        return colours;
    }

    /** Returns what a word tells. */
    static Kind kind(String word) {
        if (COLOURS.containsKey(word)) {
            return Kind.COLOUR;
        } else if (SHAPES.contains(word)) {
            return Kind.SHAPE;
        } else if (SIZES.contains(word)) {
            return Kind.SIZE;
        } else if (SPEEDS.contains(word)) {
            return Kind.SPEED;
        }
        return DIRECTIONS.contains(word) ? Kind.DIRECTION : Kind.BACKGROUND;
    }

    /** Returns whether words are all words of these worlds: then their clips can be recognised. */
    static boolean knows(List<String> words) {
        return words.stream().allMatch(word -> kind(word) != Kind.BACKGROUND || BACKGROUNDS.contains(word));
    }

    /** Returns the brightness 0..1 of a pattern at a pixel; places beyond the picture repeat it. */
    double brightness(String pattern, int row, int column) {
        int down = Math.floorMod(row, size);
        int across = Math.floorMod(column, size);
        return switch (pattern) {
            case "black" -> 0.02;
            case "gray" -> HIGH;
            case "stripes" -> across / STRIPE % 2 == 0 ? LOW : HIGH;
            case "checkerboard" -> (across / cell + down / cell) % 2 == 0 ? LOW : HIGH;
            default -> 0.04 + 0.52 * down / (size - 1);
        };
    }

    /** Returns how far a place is from the outline of a shape around (0, 0), in pixels, negative inside. */
    static double distance(String shape, double x, double y, double radius) {
        double away = Math.hypot(x, y);
        switch (shape) {
            case "circle":
                return away - radius;
            case "square":
                return Math.max(Math.abs(x), Math.abs(y)) - 0.88 * radius;
            case "triangle":
                double outer = 1.12 * radius;
                double down = y - 0.25 * outer;
                return Math.max(Math.sqrt(0.75) * Math.abs(x) - 0.5 * down, down) - 0.5 * outer;
            default:
                return Math.abs(away - 0.76 * radius) - 0.24 * radius;
        }
    }

    /** Returns the word for a speed in pixels per frame. */
    String speed(double pace) {
        return pace < slow ? "still" : pace < fast ? "slowly" : "fast";
    }

    /** Returns the word for a direction. */
    static String direction(double across, double down) {
        if (Math.abs(across) > Math.abs(down)) {
            return across < 0 ? "left" : "right";
        }
        return down < 0 ? "up" : "down";
    }

    /** Returns how far a step in a direction goes to the right (0) or down (1): -1, 0 or 1. */
    static int[] step(String direction) {
        return switch (direction) {
            case "left" -> new int[] {-1, 0};
            case "right" -> new int[] {1, 0};
            case "up" -> new int[] {0, -1};
            case "down" -> new int[] {0, 1};
            default -> new int[] {0, 0};
        };
    }
}
