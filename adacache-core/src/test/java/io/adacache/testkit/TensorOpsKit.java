package io.adacache.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.adacache.layout.TokenGrid;
import io.adacache.metric.Metric;
import io.adacache.metric.Sums;
import io.adacache.spi.TensorOps;
import io.adacache.spi.TensorOps.Comparison;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What every {@link TensorOps} must do, each operation against naive arithmetic in double precision.
 *
 * @param <T> the engine's tensor type
 */
public abstract class TensorOpsKit<T> {
    private static final long SEED = 20241104;

    private TensorHarness<T> harness;
    private TensorOps<T> ops;
    private final List<T> made = new ArrayList<>();
    private final Random random = new Random(SEED);
    private long liveBefore;

    /** Returns a fresh harness. */
    protected abstract TensorHarness<T> harness();

    /** Returns the operations under test, on tensors of the harness. */
    protected abstract TensorOps<T> ops(TensorHarness<T> harness);

    /** Rounds a number to the dtype under test; fp32 by default. */
    protected float round(double value) {
        return (float) value;
    }

    /** Returns the relative error allowed in elements; two roundings of fp32 by default. */
    protected double tolerance() {
        return 3e-7;
    }

    /** Returns the relative error allowed in sums over many elements. */
    protected double sumTolerance() {
        return 1e-5;
    }

    /** Returns the bytes of an element. */
    protected int bytesPerElement() {
        return Float.BYTES;
    }

    @BeforeEach
    final void open() {
        harness = harness();
        ops = ops(harness);
        liveBefore = harness.live();
    }

    @AfterEach
    final void everyTensorIsGivenBack() {
        made.forEach(harness::free);
        assertThat(harness.live()).as("live tensors at the end").isEqualTo(liveBefore);
        harness.close();
    }

    private T random(long... shape) {
        float[] values = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return tensor(values, shape);
    }

    private T tensor(float[] values, long... shape) {
        T tensor = harness.tensor(values, shape);
        made.add(tensor);
        return tensor;
    }

    /** Runs an operation that returns a tensor, checks its ownership and returns the result's content. */
    private float[] result(Supplier<T> operation, long[] shape, List<T> arguments) {
        List<float[]> before = arguments.stream().map(harness::values).toList();
        long live = harness.live();
        T result = operation.get();
        assertThat(harness.live()).as("one tensor is returned").isEqualTo(live + 1);
        assertThat(arguments.stream().noneMatch(argument -> argument == result))
                .as("the result is a tensor of its own")
                .isTrue();
        assertThat(harness.shape(result)).isEqualTo(shape);
        float[] values = harness.values(result);
        ops.release(result);
        assertThat(harness.live()).as("and can be given back").isEqualTo(live);
        for (int i = 0; i < before.size(); i++) {
            assertThat(harness.values(arguments.get(i)))
                    .as("argument %d is borrowed", i)
                    .isEqualTo(before.get(i));
        }
        return values;
    }

    /** Compares with a sum whose terms are of the size of {@code weights} times random numbers. */
    private void assertClose(float[] actual, double[] expected, double... weights) {
        double terms = 1 + Arrays.stream(weights).map(Math::abs).sum();
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) actual[i])
                    .as("element %d", i)
                    .isCloseTo(expected[i], within(tolerance() * (terms + Math.abs(expected[i]))));
        }
    }

    private double[] weighted(double[] base, double[] weights, List<T> kept) {
        double[] expected = base.clone();
        for (int k = 0; k < weights.length; k++) {
            float[] values = harness.values(kept.get(k));
            for (int i = 0; i < expected.length; i++) {
                expected[i] += weights[k] * values[i];
            }
        }
        return expected;
    }

    private double[] doubles(T tensor) {
        float[] values = harness.values(tensor);
        double[] result = new double[values.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = values[i];
        }
        return result;
    }

    @Test
    void subtracts() {
        long[] shape = {2, 6, 4};
        T a = random(shape);
        T b = random(shape);
        assertClose(
                result(() -> ops.subtract(a, b), shape, List.of(a, b)),
                weighted(doubles(a), new double[] {-1}, List.of(b)));
    }

    @Test
    void addsOneKeptTensorExactly() {
        long[] shape = {2, 6, 4};
        T base = random(shape);
        T kept = random(shape);
        float[] sum = result(() -> ops.addWeighted(base, new double[] {1}, List.of(kept)), shape, List.of(base, kept));
        double[] exact = weighted(doubles(base), new double[] {1}, List.of(kept));
        for (int i = 0; i < exact.length; i++) {
            assertThat(sum[i]).as("element %d", i).isEqualTo(round(exact[i]));
        }
    }

    @ParameterizedTest
    @CsvSource({"0.5", "2;-1", "3;-3;1", "1;0.5;0.25;0.125", "-1;1"})
    void addsWeightedTensors(String text) {
        double[] weights =
                Arrays.stream(text.split(";")).mapToDouble(Double::parseDouble).toArray();
        long[] shape = {1, 5, 3};
        T base = random(shape);
        List<T> kept = Arrays.stream(weights).mapToObj(w -> random(shape)).toList();
        List<T> all = new ArrayList<>(kept);
        all.add(base);
        assertClose(
                result(() -> ops.addWeighted(base, weights, kept), shape, all),
                weighted(doubles(base), weights, kept),
                weights);
    }

    @ParameterizedTest
    @CsvSource({"1", "0.5", "2;-1", "3;-3;1"})
    void mixesKeptTensors(String text) {
        double[] weights =
                Arrays.stream(text.split(";")).mapToDouble(Double::parseDouble).toArray();
        long[] shape = {2, 3, 2, 2};
        List<T> kept = Arrays.stream(weights).mapToObj(w -> random(shape)).toList();
        float[] mixed = result(() -> ops.mix(weights, kept), shape, kept);
        if (text.equals("1")) {
            assertThat(mixed).isEqualTo(harness.values(kept.get(0)));
        }
        assertClose(mixed, weighted(new double[24], weights, kept), weights);
    }

    @ParameterizedTest
    @CsvSource({"1", "2", "5"})
    void sums(int count) {
        long[] shape = {2, 4, 3};
        List<T> parts = new ArrayList<>();
        double[] ones = new double[count];
        Arrays.fill(ones, 1);
        for (int i = 0; i < count; i++) {
            parts.add(random(shape));
        }
        assertClose(result(() -> ops.sum(parts), shape, parts), weighted(new double[24], ones, parts), ones);
    }

    @ParameterizedTest
    @CsvSource({"4,4,1", "4,4,-1", "8,4,1", "8,4,-1", "3,1,-1"})
    void addsToLeadingChannels(int channels, int fewer, int sign) {
        int pixels = 2 * 3 * 2;
        long[] shape = {2, channels, 2, 3, 2};
        T a = random(shape);
        T b = random(2, fewer, 2, 3, 2);
        double[] expected = doubles(a);
        float[] added = harness.values(b);
        for (int row = 0; row < 2; row++) {
            for (int i = 0; i < fewer * pixels; i++) {
                expected[row * channels * pixels + i] += sign * added[row * fewer * pixels + i];
            }
        }
        assertClose(result(() -> ops.addLeading(a, sign, b), shape, List.of(a, b)), expected);
    }

    @Test
    void copies() {
        long[] shape = {3, 2};
        T t = random(shape);
        assertThat(result(() -> ops.copy(t), shape, List.of(t))).isEqualTo(harness.values(t));
    }

    @Test
    void countsBytes() {
        assertThat(ops.bytes(random(2, 3, 5))).isEqualTo(30L * bytesPerElement());
    }

    @ParameterizedTest
    @EnumSource(Metric.class)
    void takesDistancesPerRow(Metric metric) {
        for (long[] shape : new long[][] {{3, 7, 5}, {1, 4}, {2, 4, 2, 3, 3}}) {
            T now = random(shape);
            T then = random(shape);
            Sums sums = sums(() -> ops.distance(metric, now, then), List.of(now, then));
            float[] a = harness.values(now);
            float[] b = harness.values(then);
            assertThat(sums.rows()).isEqualTo((int) shape[0]);
            int perRow = a.length / sums.rows();
            for (int row = 0; row < sums.rows(); row++) {
                assertSums(
                        sums.row(row),
                        naive(
                                metric,
                                Arrays.copyOfRange(a, row * perRow, (row + 1) * perRow),
                                Arrays.copyOfRange(b, row * perRow, (row + 1) * perRow)));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Metric.class)
    void aTensorIsNotFarFromItself(Metric metric) {
        T t = random(2, 9, 3);
        assertThat(metric.distance(ops.distance(metric, t, t))).isCloseTo(0, within(sumTolerance()));
    }

    /** 300 squared overflows fp16, and so does the sum of 5000 values of 60; ones stop adding up in bf16 at 256. */
    @ParameterizedTest
    @EnumSource(Metric.class)
    void accumulatesInSinglePrecisionOrBetter(Metric metric) {
        for (float value : new float[] {1, 60, 300}) {
            float[] values = new float[5000];
            Arrays.fill(values, value);
            float[] zeros = new float[5000];
            T now = tensor(values, 1, 50, 100);
            T then = tensor(zeros, 1, 50, 100);
            assertSums(ops.distance(metric, now, then), naive(metric, values, zeros));
            TokenGrid grid = new TokenGrid(1, 0, 2, 25, 100);
            float[] half = Arrays.copyOf(values, 2500);
            assertSums(ops.motion(metric, now, grid, 1), naive(metric, half, half));
        }
    }

    @Test
    void aRowThatIsNotANumberDoesNotTouchTheOthers() {
        float[] values = harness.values(random(2, 3, 2));
        T then = tensor(values, 2, 3, 2);
        values[1] = Float.NaN;
        T now = tensor(values, 2, 3, 2);
        Sums sums = ops.distance(Metric.L1, now, then);
        assertThat(sums.row(0).total()[0]).isNaN();
        assertThat(sums.row(1).total()[0]).isZero();
        assertThat(sums.row(1).total()[1]).isPositive().isFinite();
    }

    @ParameterizedTest
    @EnumSource(Metric.class)
    void comparesFramesWithEarlierFrames(Metric metric) {
        for (TokenGrid grid : List.of(new TokenGrid(2, 0, 5, 3, 4), new TokenGrid(3, 2, 4, 2, 3))) {
            T x = random(grid.rows(), grid.tokens(), grid.channels());
            for (int stride = 1; stride < grid.frames(); stride++) {
                int i = stride;
                Sums sums = sums(() -> ops.motion(metric, x, grid, i), List.of(x));
                assertThat(sums.rows()).isEqualTo(grid.rows());
                for (int row = 0; row < grid.rows(); row++) {
                    assertSums(
                            sums.row(row),
                            naive(
                                    metric,
                                    frames(x, grid, row, stride, grid.frames()),
                                    frames(x, grid, row, 0, grid.frames() - stride)));
                }
            }
        }
    }

    private float[] frames(T x, TokenGrid grid, int row, int from, int to) {
        int frame = grid.tokensPerFrame() * grid.channels();
        int start = (row * grid.tokens() + grid.prefix()) * grid.channels();
        return Arrays.copyOfRange(harness.values(x), start + from * frame, start + to * frame);
    }

    /** What is compared at once is bit for bit what is compared one by one, however many there are. */
    @Test
    void comparesAtOnceAsOneByOne() {
        TokenGrid grid = new TokenGrid(2, 3, 5, 4, 6);
        long[] shape = {grid.rows(), grid.tokens(), grid.channels()};
        T now = random(shape);
        List<Comparison<T>> all = List.of(
                new Comparison.From<>(Metric.L2, random(shape)),
                new Comparison.Inside<>(Metric.L1, grid, 2),
                new Comparison.From<>(Metric.COSINE, random(shape)),
                new Comparison.Inside<>(Metric.L2, grid, 9),
                new Comparison.From<>(Metric.L1, now));
        for (int from = 0; from < all.size(); from++) {
            for (int to = from + 1; to <= all.size(); to++) {
                List<Comparison<T>> some = all.subList(from, to);
                List<Sums> atOnce = ops.compare(now, some);
                assertThat(atOnce).hasSize(some.size());
                for (int i = 0; i < some.size(); i++) {
                    Sums alone = alone(now, some.get(i));
                    assertThat(atOnce.get(i).rows()).isEqualTo(grid.rows());
                    for (int row = 0; row < grid.rows(); row++) {
                        assertThat(atOnce.get(i).row(row).total())
                                .isEqualTo(alone.row(row).total());
                    }
                }
            }
        }
    }

    private Sums alone(T now, Comparison<T> one) {
        return one instanceof Comparison.From<T> from
                ? ops.distance(from.metric(), now, from.then())
                : inside(now, (Comparison.Inside<T>) one);
    }

    private Sums inside(T now, Comparison.Inside<T> one) {
        return ops.motion(one.metric(), now, one.grid(), one.stride());
    }

    @ParameterizedTest
    @EnumSource(Metric.class)
    void tooFewFramesDoNotMove(Metric metric) {
        for (int prefix : new int[] {0, 2}) {
            TokenGrid grid = new TokenGrid(2, prefix, 3, 2, 4);
            T x = random(grid.rows(), grid.tokens(), grid.channels());
            for (int stride : new int[] {3, 4, 100}) {
                Sums sums = sums(() -> ops.motion(metric, x, grid, stride), List.of(x));
                assertThat(sums.rows()).isEqualTo(2);
                assertThat(sums.total()).containsExactly(0, 0, 0);
            }
        }
    }

    private Sums sums(Supplier<Sums> operation, List<T> arguments) {
        List<float[]> before = arguments.stream().map(harness::values).toList();
        long live = harness.live();
        Sums sums = operation.get();
        assertThat(harness.live()).as("nothing stays behind").isEqualTo(live);
        for (int i = 0; i < before.size(); i++) {
            assertThat(harness.values(arguments.get(i))).isEqualTo(before.get(i));
        }
        return sums;
    }

    private void assertSums(Sums actual, double[] expected) {
        for (int i = 0; i < Sums.PER_ROW; i++) {
            // An inner product may cancel: its error is relative to the norms.
            double scale = Math.max(Math.abs(expected[i]), Math.sqrt(expected[1] * expected[2]));
            assertThat(actual.total()[i])
                    .as("sum %d", i)
                    .isCloseTo(expected[i], within(sumTolerance() * scale + 1e-30));
        }
    }

    private static double[] naive(Metric metric, float[] now, float[] then) {
        double[] sums = new double[Sums.PER_ROW];
        for (int i = 0; i < now.length; i++) {
            double a = now[i];
            double b = then[i];
            switch (metric) {
                case L1 -> {
                    sums[0] += Math.abs(a - b);
                    sums[1] += Math.abs(b);
                    sums[2] += Math.abs(a);
                }
                case L2 -> {
                    sums[0] += (a - b) * (a - b);
                    sums[1] += b * b;
                    sums[2] += a * a;
                }
                case COSINE -> {
                    sums[0] += a * b;
                    sums[1] += b * b;
                    sums[2] += a * a;
                }
            }
        }
        return sums;
    }
}
