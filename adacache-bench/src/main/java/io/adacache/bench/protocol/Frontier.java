package io.adacache.bench.protocol;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A method's settings by speed, without those that another is both faster and better than: what a user of the method would choose from.
 *
 * @param points by ascending speed
 */
record Frontier(List<Point> points) {
    /**
     * A setting.
     *
     * @param index which
     * @param speed over all cases
     * @param quality mean over all cases
     */
    record Point(int index, double speed, double quality) {}

    /**
     * A mixture of two settings whose speed is just what was asked for.
     *
     * @param left index of the slower setting
     * @param right index of the faster one
     * @param share of the faster one, 0 to 1
     */
    record Mix(int left, int right, double share) {
        double of(double slower, double faster) {
            return share == 0 ? slower : share == 1 ? faster : (1 - share) * slower + share * faster;
        }
    }

    static Frontier of(List<Point> settings) {
        List<Point> best = new ArrayList<>();
        List<Point> falling = new ArrayList<>(settings);
        falling.sort(Comparator.comparingDouble(Point::speed)
                .reversed()
                .thenComparing(Comparator.comparingDouble(Point::quality).reversed()));
        double quality = Double.NEGATIVE_INFINITY;
        for (Point point : falling) {
            if (point.quality > quality) {
                best.add(0, point);
                quality = point.quality;
            }
        }
        return new Frontier(best);
    }

    /** Returns what reaches a speed: linear between two settings, the slowest where that is faster than asked for; empty beyond the fastest. */
    Optional<Mix> at(double speed) {
        for (int i = 0; i < points.size(); i++) {
            Point right = points.get(i);
            if (speed <= right.speed) {
                Point left = i == 0 ? right : points.get(i - 1);
                double width = right.speed - left.speed;
                return Optional.of(new Mix(left.index, right.index, width == 0 ? 0 : (speed - left.speed) / width));
            }
        }
        return Optional.empty();
    }
}
