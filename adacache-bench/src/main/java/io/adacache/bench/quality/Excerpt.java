package io.adacache.bench.quality;

import io.adacache.bench.pipeline.Clip;
import io.adacache.bench.quality.Words.Kind;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Some frames of a clip, and what can be seen in them. */
final class Excerpt {
    private static final int COLOURS = 3;
    /** Of 0..1: how far a pixel may be from a background to be part of it. */
    private static final double NEAR = 0.075;
    /** The share of the grey pixels that must agree with a pattern; otherwise the ground is clouds. */
    private static final double AGREED = 0.6;
    /** How far apart the three colours of a grey pixel may be. */
    private static final double GREY = 0.1;

    private static final double BRIGHT = 0.7;
    private static final List<String> WAYS = List.of("", "left", "right", "up", "down");

    private final Clip clip;
    private final World world;
    private final int first;
    private final int end;

    Excerpt(Clip clip, World world, int first, int end) {
        this.clip = clip;
        this.world = world;
        this.first = first;
        this.end = end;
    }

    private double value(int colour, int frame, int row, int column) {
        return clip.values()[((colour * clip.frames() + frame) * clip.height() + row) * clip.width() + column];
    }

    /** Whether a pixel is no object's: grey and not white. */
    private boolean isGround(int frame, int row, int column) {
        double red = value(0, frame, row, column);
        double green = value(1, frame, row, column);
        double blue = value(2, frame, row, column);
        double most = Math.max(red, Math.max(green, blue));
        return most - Math.min(red, Math.min(green, blue)) < GREY && most < BRIGHT;
    }

    /** Returns the word for the background: the pattern that most pixels agree with, panning or not, or clouds. */
    String background() {
        String best = "clouds";
        double most = AGREED;
        for (String pattern : World.PATTERNS) {
            for (String way : WAYS) {
                double agreed = agreed(pattern, World.step(way));
                if (agreed > most) {
                    most = agreed;
                    best = pattern;
                }
            }
        }
        return best;
    }

    /** Which share of the ground is as a pattern that the camera goes over, a pixel per frame. */
    private double agreed(String pattern, int[] camera) {
        int near = 0;
        int all = 0;
        for (int frame = first; frame < end; frame++) {
            for (int row = 0; row < clip.height(); row++) {
                for (int column = 0; column < clip.width(); column++) {
                    if (isGround(frame, row, column)) {
                        double drawn = world.brightness(pattern, row + frame * camera[1], column + frame * camera[0]);
                        near += Math.abs(value(1, frame, row, column) - drawn) < NEAR ? 1 : 0;
                        all++;
                    }
                }
            }
        }
        return all == 0 ? 0 : (double) near / all;
    }

    /** Returns the word for where the camera goes: under which the ground of each frame is most like the one before. */
    String camera() {
        String best = "";
        double least = Double.MAX_VALUE;
        for (String way : WAYS) {
            double error = moved(World.step(way));
            if (error < least) {
                least = error;
                best = way;
            }
        }
        return best;
    }

    private double moved(int[] camera) {
        double error = 0;
        int all = 1;
        for (int frame = first + 1; frame < end; frame++) {
            for (int row = 0; row < clip.height(); row++) {
                for (int column = 0; column < clip.width(); column++) {
                    int down = row + camera[1];
                    int across = column + camera[0];
                    boolean inside = down >= 0 && down < clip.height() && across >= 0 && across < clip.width();
                    if (inside && isGround(frame, row, column) && isGround(frame - 1, down, across)) {
                        error += Math.abs(value(1, frame, row, column) - value(1, frame - 1, down, across));
                        all++;
                    }
                }
            }
        }
        return error / all;
    }

    /**
     * Returns the words for the object of a colour; empty if there is none.
     *
     * @param colour a word, or null for the colour of most pixels
     */
    Optional<Map<Kind, String>> object(@Nullable String colour) {
        String own = colour != null ? colour : mostSeen();
        List<Blob> blobs = new ArrayList<>();
        for (int frame = first; frame < end; frame++) {
            blobs.add(blob(own, frame));
        }
        List<Blob> seen = blobs.stream().filter(Blob::isThere).toList();
        if (seen.size() < 2) {
            return Optional.empty();
        }
        Map<Kind, String> words = new EnumMap<>(Kind.class);
        words.put(Kind.COLOUR, own);
        outline(seen, words);
        Blob begin = seen.get(0);
        Blob last = seen.get(seen.size() - 1);
        int frames = blobs.lastIndexOf(last) - blobs.indexOf(begin);
        double across = (last.column() - begin.column()) / frames;
        double down = (last.row() - begin.row()) / frames;
        String speed = world.speed(Math.max(Math.abs(across), Math.abs(down)));
        words.put(Kind.SPEED, speed);
        if (!speed.equals("still")) {
            words.put(Kind.DIRECTION, World.direction(across, down));
        }
        return Optional.of(words);
    }

    private String mostSeen() {
        String best = "";
        double most = -1;
        for (String colour : World.COLOURS.keySet()) {
            double area = 0;
            for (int frame = first; frame < end; frame++) {
                area += blob(colour, frame).area();
            }
            if (area > most) {
                most = area;
                best = colour;
            }
        }
        return best;
    }

    private Blob blob(String colour, int frame) {
        double[] paint = World.COLOURS.getOrDefault(colour, new double[COLOURS]);
        double[] amounts = new double[clip.height() * clip.width()];
        double[] pixel = new double[COLOURS];
        for (int i = 0; i < amounts.length; i++) {
            for (int k = 0; k < COLOURS; k++) {
                pixel[k] = value(k, frame, i / clip.width(), i % clip.width());
            }
            amounts[i] = Blob.amount(pixel, paint);
        }
        return new Blob(clip.height(), clip.width(), amounts);
    }

    /** The shape and size whose drawings agree best, over the frames that show the object whole. */
    private void outline(List<Blob> blobs, Map<Kind, String> words) {
        List<Blob> whole = blobs.stream().filter(Blob::isInside).toList();
        double best = -1;
        for (String shape : World.SHAPES) {
            for (Map.Entry<String, Double> size : world.radii().entrySet()) {
                double fit = 0;
                for (Blob blob : whole.isEmpty() ? blobs : whole) {
                    fit += blob.agreement(shape, size.getValue());
                }
                if (fit > best) {
                    best = fit;
                    words.put(Kind.SHAPE, shape);
                    words.put(Kind.SIZE, size.getKey());
                }
            }
        }
    }
}
