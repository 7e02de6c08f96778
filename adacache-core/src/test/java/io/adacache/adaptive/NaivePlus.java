package io.adacache.adaptive;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** AdaCache+ as the class comments say it, on what is kept being points of a plane: shares no code with the rule. */
final class NaivePlus {
    private final double[][] sums;
    private final double[] weight;
    final List<Integer> computed = new ArrayList<>();
    final Map<Integer, double[]> weights = new TreeMap<>();
    /** What each forecast errs one step ahead; infinite if it was not tried. */
    private double repeats;

    private double measured;

    private double linear;
    private double quadratic;
    private double damping;

    NaivePlus(double[][] sums, double[] weight) {
        this.sums = sums;
        this.weight = weight;
    }

    private double[] sum(int step) {
        return sums[step - 1];
    }

    /** The computed step so many before the newest. */
    private int kept(int back) {
        return computed.get(computed.size() - 1 - back);
    }

    private static double distance(double[] a, double[] b) {
        return Math.hypot(a[0] - b[0], a[1] - b[1]);
    }

    /** With a quality. */
    void run(double quality, int order, int first, int last, int gap) {
        int steps = sums.length;
        int next = 1;
        for (int n = 1; n <= steps; n++) {
            if (n > first && n <= steps - last && n < next) {
                weights.put(n, weightsAt(n));
                continue;
            }
            computed.add(n);
            next = n + 1;
            if (computed.size() < 2) {
                continue;
            }
            look(order);
            double cost = 0;
            while (next <= steps - last && next < n + gap) {
                cost += weight[next - 1] * error(next);
                if (cost >= quality) {
                    break;
                }
                next++;
            }
        }
    }

    /**
     * With a number of calls.
     *
     * @param unit by how much the clean video changes where what is kept changes by one, by step
     */
    void spend(int calls, int order, int first, int last, double[] unit) {
        int steps = sums.length;
        int end = Math.min(last, Math.min(calls, steps) - 1);
        int begin = Math.max(1, Math.min(first, Math.min(calls, steps) - end));
        double gone = 0;
        int next = 1;
        for (int n = 1; n <= steps; n++) {
            boolean isForced = n <= begin || n > steps - end;
            boolean isLeft = computed.size() + Math.min(end, steps - n) < calls;
            if (!isForced && (n < next || !isLeft)) {
                weights.put(n, weightsAt(n));
                continue;
            }
            computed.add(n);
            next = n + 1;
            if (computed.size() < 2) {
                continue;
            }
            look(order);
            gone += measured * unit[n - 1] * (n - kept(1));
            double clean = Math.min(repeats * unit[n - 1], Math.max(1 - gone, 0.25) / Math.max(1, steps - n));
            double low = Math.log(1e-12);
            double high = Math.log(1e12);
            for (int i = 0; i < 60; i++) {
                double middle = (low + high) / 2;
                int planned = 0;
                for (int base = n; base < steps - end; ) {
                    double scale = base == n ? 1 : unit[base - 1] > 0 ? clean / unit[base - 1] / repeats : 0;
                    base = reach(base, steps - end, Math.exp(middle), scale);
                    planned += base <= steps - end ? 1 : 0;
                }
                if (planned > calls - computed.size() - end) {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            next = reach(n, steps - end, Math.exp(high), 1);
        }
    }

    /** The step before which errors, all of them scaled, come to a threshold. */
    private int reach(int base, int end, double threshold, double scale) {
        double cost = 0;
        int step = base;
        while (cost < threshold && step <= end) {
            step++;
            cost += step > end ? 0 : weight[step - 1] * scale * error(kept(0) + step - base);
        }
        return step;
    }

    private double error(int step) {
        return Math.min(Math.min(repeated(step), straight(step)), curved(step));
    }

    private double repeated(int step) {
        return repeats * (step - kept(0));
    }

    private double straight(int step) {
        double beyond = Math.max(0, step - kept(0) - (kept(0) - kept(1)));
        return linear * (step - kept(0)) + (linear < Double.POSITIVE_INFINITY ? damping * repeats * beyond : 0);
    }

    private double curved(int step) {
        return computed.size() < 4
                ? Double.POSITIVE_INFINITY
                : quadratic * (step - kept(0)) * (step - kept(1)) * (step - kept(2));
    }

    /** How wrong each forecast of the newest would have been. */
    private void look(int order) {
        int n = kept(0);
        int a = kept(1);
        double norm = Math.hypot(sum(n)[0], sum(n)[1]);
        double before = measured;
        measured = distance(sum(n), sum(a)) / norm / (n - a);
        repeats = measured;
        linear = Double.POSITIVE_INFINITY;
        quadratic = Double.POSITIVE_INFINITY;
        if (order > 0 && computed.size() > 2) {
            int b = kept(2);
            double[] back = {sum(a)[0] - sum(b)[0], sum(a)[1] - sum(b)[1]};
            double way = Math.min(n - a, a - b) / (double) (a - b);
            double gone = ((sum(n)[0] - sum(a)[0]) * back[0] + (sum(n)[1] - sum(a)[1]) * back[1])
                    / (back[0] * back[0] + back[1] * back[1]);
            damping = Math.max(0, Math.min(1, gone / way));
            double[] forecast = {sum(a)[0] + damping * way * back[0], sum(a)[1] + damping * way * back[1]};
            linear = distance(sum(n), forecast) / norm / (n - a);
        }
        if (order > 1 && computed.size() > 3) {
            double[] through = parabola(n, a, kept(2), kept(3));
            double[] forecast = new double[2];
            for (int j = 0; j < 2; j++) {
                forecast[j] = through[0] * sum(a)[j] + through[1] * sum(kept(2))[j] + through[2] * sum(kept(3))[j];
            }
            double grown = (double) (n - a) * (n - kept(2)) * (n - kept(3));
            quadratic = distance(sum(n), forecast) / norm / grown;
        }
        if (order > 0 && before > measured) {
            double more = (before + measured) / 2 / measured;
            repeats *= more;
            linear *= more;
            quadratic *= more;
        }
    }

    /** How a parabola through three steps weighs them at another. */
    private static double[] parabola(double at, double a, double b, double c) {
        return new double[] {
            (at - b) * (at - c) / ((a - b) * (a - c)),
            (at - a) * (at - c) / ((b - a) * (b - c)),
            (at - a) * (at - b) / ((c - a) * (c - b))
        };
    }

    private double[] weightsAt(int n) {
        if (computed.size() < 2) {
            return new double[] {1};
        }
        if (curved(n) <= Math.min(repeated(n), straight(n))) {
            return parabola(n, kept(0), kept(1), kept(2));
        }
        if (straight(n) < repeated(n)) {
            double back = kept(0) - kept(1);
            double way = damping * Math.min(n - kept(0), back) / back;
            return new double[] {1 + way, -way};
        }
        return new double[] {1};
    }
}
