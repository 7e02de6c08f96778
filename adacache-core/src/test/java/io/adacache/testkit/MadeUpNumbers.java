package io.adacache.testkit;

import io.adacache.metric.Measure;
import io.adacache.metric.Metric;
import io.adacache.metric.Sums;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Measures for a {@link PolicyDriver}: random from a seed, or recorded and played back. */
public final class MadeUpNumbers implements PolicyDriver.Numbers {
    private static final int ODDITIES = 5;

    private record Key(int step, String branch, Measure measure) {}

    private final Random random;
    private final double oddities;
    private final int kinds;
    private final Map<Key, List<Sums>> record = new HashMap<>();

    private MadeUpNumbers(long seed, double oddities, int kinds) {
        this.random = new Random(seed);
        this.oddities = oddities;
        this.kinds = kinds;
    }

    /** Returns plausible numbers: distances from 0.01 to 1, more often small. */
    public static MadeUpNumbers plausible(long seed) {
        return new MadeUpNumbers(seed, 0, ODDITIES);
    }

    /** Returns numbers of which a third are zero, infinite, huge or not a number. */
    public static MadeUpNumbers odd(long seed) {
        return new MadeUpNumbers(seed, 1.0 / 3, ODDITIES);
    }

    /** Returns measures of which none is a number. */
    public static MadeUpNumbers none() {
        return new MadeUpNumbers(0, 1, 1);
    }

    @Override
    public Sums distance(int step, String branch, Measure.Distance measure) {
        return record(step, branch, measure, sums(measure.metric())).get(0);
    }

    @Override
    public List<Sums> motion(int step, String branch, Measure.Motion measure) {
        List<Sums> all = new ArrayList<>();
        measure.strides().forEach(stride -> all.add(sums(measure.norm())));
        return record(step, branch, measure, all.toArray(Sums[]::new));
    }

    private List<Sums> record(int step, String branch, Measure measure, Sums... sums) {
        record.put(new Key(step, branch, measure), List.of(sums));
        return List.of(sums);
    }

    /** Returns the numbers handed out so far, for a second run; asking for others throws. */
    public PolicyDriver.Numbers recorded() {
        Map<Key, List<Sums>> copy = Map.copyOf(record);
        return new PolicyDriver.Numbers() {
            private List<Sums> find(Key key) {
                List<Sums> sums = copy.get(key);
                if (sums == null) {
                    throw new AssertionError("Not measured in the first run: " + key);
                }
                return sums;
            }

            @Override
            public Sums distance(int step, String branch, Measure.Distance measure) {
                return find(new Key(step, branch, measure)).get(0);
            }

            @Override
            public List<Sums> motion(int step, String branch, Measure.Motion measure) {
                return find(new Key(step, branch, measure));
            }
        };
    }

    private Sums sums(Metric metric) {
        double[][] rows = new double[1 + random.nextInt(3)][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = random.nextDouble() < oddities ? oddity() : row(metric);
        }
        return Sums.of(rows);
    }

    private double[] row(Metric metric) {
        double norm = 10 + random.nextDouble();
        double distance = Math.exp(Math.log(0.01) * random.nextDouble());
        return switch (metric) {
            case L1 -> new double[] {distance * norm, norm, norm};
            case L2 -> new double[] {distance * distance * norm, norm, norm};
            case COSINE -> new double[] {(1 - distance) * norm, norm, norm};
        };
    }

    private double[] oddity() {
        return switch (random.nextInt(kinds)) {
            case 0 -> new double[] {Double.NaN, Double.NaN, Double.NaN};
            case 1 -> new double[] {0, 0, 0};
            case 2 -> new double[] {Double.POSITIVE_INFINITY, 1, Double.POSITIVE_INFINITY};
            case 3 -> new double[] {1e300, 1e-300, 1e300};
            default -> new double[] {1, 0, 1};
        };
    }
}
