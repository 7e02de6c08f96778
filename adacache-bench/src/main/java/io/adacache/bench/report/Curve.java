package io.adacache.bench.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;

/**
 * What a method reaches over its settings: the upper envelope of their points.
 *
 * @param family the method
 * @param points a point per setting
 */
record Curve(String family, List<Point> points) {
    /**
     * A setting.
     *
     * @param policy as it was asked for
     * @param x the larger the better: speed-up
     * @param y the larger the better: PSNR, SSIM
     */
    record Point(String policy, double x, double y) {}

    /** Sorts the points. */
    Curve {
        points = points.stream()
                .sorted(Comparator.comparingDouble(Point::x).thenComparingDouble(Point::y))
                .toList();
    }

    /** Returns the points that no other beats in both, ascending in x. */
    List<Point> envelope() {
        List<Point> best = new ArrayList<>();
        double highest = Double.NEGATIVE_INFINITY;
        for (int i = points.size() - 1; i >= 0; i--) {
            if (points.get(i).y() > highest) {
                highest = points.get(i).y();
                best.add(0, points.get(i));
            }
        }
        return best;
    }

    /**
     * Returns what is reached at an x, linear between the points of the envelope; left of them what the first reaches, since a
     * setting that is faster than asked for will do. Empty beyond the fastest setting.
     */
    OptionalDouble at(double x) {
        List<Point> best = envelope();
        if (best.isEmpty() || x > best.get(best.size() - 1).x()) {
            return OptionalDouble.empty();
        }
        Point before = best.get(0);
        for (Point point : best) {
            if (x <= point.x()) {
                double width = point.x() - before.x();
                return OptionalDouble.of(
                        x <= before.x() || width == 0
                                ? before.y()
                                : before.y() + (x - before.x()) / width * (point.y() - before.y()));
            }
            before = point;
        }
        return OptionalDouble.empty();
    }

    /** Returns the x of the fastest setting; 0 without one. */
    double fastest() {
        return points.isEmpty() ? 0 : points.get(points.size() - 1).x();
    }

    /** Returns one curve of all points. */
    static Curve join(String family, List<Curve> curves) {
        return new Curve(
                family,
                curves.stream().flatMap(curve -> curve.points().stream()).toList());
    }
}
