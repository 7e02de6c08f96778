package io.adacache.rivals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.adacache.CacheSession;
import io.adacache.event.Trace.StepRecord;
import io.adacache.layout.Layout;
import io.adacache.layout.Span;
import io.adacache.spi.Transformer.Embedded;
import io.adacache.testkit.FloatTensor;
import io.adacache.testkit.Layouts;
import io.adacache.testkit.LinearTransformer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * The policies that measure, each run by a session on a model whose inputs wander, and beside it a transcription of its source that
 * calls the model directly: the same steps must be reused, with the same predictions.
 */
class MeasuredRulesTest {
    private static final int TRIALS = 60;
    private static final int STEPS = 25;
    private static final double TOLERANCE = 1e-4;

    private final LinearTransformer model = LinearTransformer.of(Layouts.openSora(3), 2, 4, 0);
    private final Layout layout = model.layout();
    private Random random = new Random();

    /** Latents that wander with changing speed, and falling timesteps. */
    private List<List<FloatTensor>> wandering() {
        float[] latent = new float[2 * 3 * 2 * 2];
        float[] direction = new float[latent.length];
        for (int i = 0; i < latent.length; i++) {
            latent[i] = (float) random.nextGaussian();
            direction[i] = (float) random.nextGaussian();
        }
        List<List<FloatTensor>> calls = new ArrayList<>();
        for (int step = 0; step < STEPS; step++) {
            float speed = 0.2f * random.nextFloat() * random.nextFloat();
            for (int i = 0; i < latent.length; i++) {
                latent[i] += speed * (direction[i] + 0.3f * (float) random.nextGaussian());
            }
            float timestep = 1000f * (STEPS - step) / STEPS;
            calls.add(List.of(
                    model.ops().tensor(latent, 1, 2, 3, 2, 2), model.ops().tensor(new float[] {timestep}, 1)));
        }
        return calls;
    }

    /** What was done in a generation: the steps, from 0, that were reused, and the predictions. */
    private record Outcome(List<Integer> reused, List<float[]> predictions) {}

    private interface Source {
        Outcome run(List<List<FloatTensor>> calls);
    }

    private void compare(int trial, String text, Source source) {
        List<List<FloatTensor>> calls = wandering();
        Outcome expected = source.run(calls);
        List<Integer> reused = new ArrayList<>();
        try (CacheSession<FloatTensor> session = CacheSession.builder(model)
                .policy(Made.policy(text))
                .steps(STEPS)
                .begin()) {
            for (int step = 0; step < STEPS; step++) {
                float[] actual = session.step(calls.get(step)).data();
                float[] wanted = expected.predictions().get(step);
                for (int i = 0; i < wanted.length; i++) {
                    assertThat((double) actual[i])
                            .as("trial %d, %s, step %d", trial, text, step)
                            .isCloseTo(wanted[i], within(TOLERANCE));
                }
            }
            for (StepRecord record : session.trace().steps()) {
                if (!record.isComputed()) {
                    reused.add(record.step() - 1);
                }
            }
        }
        assertThat(reused).as("trial %d, %s", trial, text).isEqualTo(expected.reused());
    }

    /** The model from a hidden state through some sites. */
    private float[] run(Span sites, float[] hidden, Embedded<FloatTensor> context) {
        FloatTensor before = model.ops().tensor(hidden, 1, 12, 2);
        return model.run(sites, new int[0], before, context).get(0).data();
    }

    private float[] head(float[] hidden, Embedded<FloatTensor> context) {
        return model.head(model.ops().tensor(hidden, 1, 12, 2), context).data();
    }

    private static float[] plus(float[] a, float[] b, double weight) {
        float[] sum = new float[a.length];
        for (int i = 0; i < a.length; i++) {
            sum[i] = (float) (a[i] + weight * b[i]);
        }
        return sum;
    }

    private static double meanDifference(float[] a, float[] b) {
        return IntStream.range(0, a.length)
                .mapToDouble(i -> Math.abs((double) a[i] - b[i]))
                .average()
                .orElseThrow();
    }

    private static double mean(float[] a) {
        return meanDifference(a, new float[a.length]);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.12f", value);
    }

    @Test
    void teaCacheFollowsItsSource() {
        TreeSet<Integer> counts = new TreeSet<>();
        for (int trial = 0; trial < TRIALS; trial++) {
            random = new Random(19108 + trial);
            double[] p = {random.nextGaussian(), 1 + random.nextDouble(), 0.02 * random.nextDouble()};
            double threshold = 0.02 + 0.3 * random.nextDouble();
            int first = 1 + random.nextInt(3);
            int last = random.nextInt(3);
            String text = String.format(
                    "teacache:threshold=%s,polynomial=%s;%s;%s,first=%d,last=%d",
                    number(threshold), number(p[0]), number(p[1]), number(p[2]), first, last);
            compare(trial, text, calls -> {
                List<Integer> reused = new ArrayList<>();
                List<float[]> predictions = new ArrayList<>();
                double accumulated = 0;
                float[] previousModulated = null;
                float[] previousResidual = null;
                for (int cnt = 0; cnt < STEPS; cnt++) {
                    Embedded<FloatTensor> context = model.embed(calls.get(cnt));
                    float[] modulated =
                            model.modulated(0, context.hidden(), context).data();
                    boolean compute;
                    if (cnt < first || cnt >= STEPS - last) {
                        compute = true;
                        accumulated = 0;
                    } else {
                        double x = meanDifference(modulated, previousModulated) / mean(previousModulated);
                        accumulated += p[0] * x * x + p[1] * x + p[2];
                        compute = accumulated >= threshold;
                        if (compute) {
                            accumulated = 0;
                        }
                    }
                    previousModulated = modulated;
                    float[] hidden = context.hidden().data();
                    float[] out;
                    if (compute) {
                        out = run(layout.stack(), hidden, context);
                        previousResidual = plus(out, hidden, -1);
                    } else {
                        out = plus(hidden, previousResidual, 1);
                        reused.add(cnt);
                    }
                    predictions.add(head(out, context));
                }
                counts.add(reused.size());
                return new Outcome(reused, predictions);
            });
        }
        assertThat(counts).as("trials differ").hasSizeGreaterThan(4);
    }

    @Test
    void dualBlockCacheFollowsItsSource() {
        TreeSet<Integer> counts = new TreeSet<>();
        for (int trial = 0; trial < TRIALS; trial++) {
            random = new Random(97 + trial);
            int fn = 1 + random.nextInt(3);
            int bn = random.nextInt(3);
            int warmUp = random.nextInt(4);
            int maxReused = random.nextInt(3) == 0 ? 5 : -1;
            int maxInRow = random.nextInt(3) == 0 ? 2 : -1;
            double budget = random.nextInt(3) == 0 ? 0.5 : 0;
            double threshold = 0.01 + 0.2 * random.nextDouble();
            String text = String.format(
                    "dbcache:threshold=%s,first=%d,last=%d,warm-up=%d,max-reused=%d,max-in-row=%d,budget=%s",
                    number(threshold), fn, bn, warmUp, maxReused, maxInRow, budget);
            compare(trial, text, calls -> {
                int begin = 3 * fn;
                int end = 18 - 3 * bn;
                List<Integer> reused = new ArrayList<>();
                List<float[]> predictions = new ArrayList<>();
                float[] previousFn = null;
                float[] middleResidual = null;
                int inRow = 0;
                double accumulated = 0;
                for (int step = 0; step < STEPS; step++) {
                    Embedded<FloatTensor> context = model.embed(calls.get(step));
                    float[] hidden = context.hidden().data();
                    float[] afterFn = run(new Span(0, begin), hidden, context);
                    float[] fnResidual = plus(afterFn, hidden, -1);
                    boolean canCache = step >= warmUp && previousFn != null;
                    canCache &= maxReused < 0 || reused.size() < maxReused;
                    canCache &= maxInRow < 0 || inRow < maxInRow;
                    canCache &= budget == 0 || accumulated < budget;
                    if (canCache) {
                        double diff = meanDifference(previousFn, fnResidual) / mean(previousFn);
                        accumulated += diff;
                        canCache = diff < threshold;
                    }
                    float[] out;
                    if (canCache) {
                        out = plus(afterFn, middleResidual, 1);
                        reused.add(step);
                        inRow++;
                    } else {
                        out = run(new Span(begin, end), afterFn, context);
                        middleResidual = plus(out, afterFn, -1);
                        previousFn = fnResidual;
                        inRow = 0;
                    }
                    if (bn > 0) {
                        out = run(new Span(end, 18), out, context);
                    }
                    predictions.add(head(out, context));
                }
                counts.add(reused.size());
                return new Outcome(reused, predictions);
            });
        }
        assertThat(counts).as("trials differ").hasSizeGreaterThan(4);
    }

    @Test
    void easyCacheFollowsItsSource() {
        TreeSet<Integer> counts = new TreeSet<>();
        for (int trial = 0; trial < TRIALS; trial++) {
            random = new Random(2860 + trial);
            int retained = 2 + random.nextInt(4);
            double threshold = 0.02 + 0.3 * random.nextDouble();
            compare(trial, "easycache:threshold=" + number(threshold) + ",first=" + retained, calls -> {
                List<Integer> reused = new ArrayList<>();
                List<float[]> predictions = new ArrayList<>();
                double error = 0;
                double k = Double.NaN;
                float[] previousInput = null;
                float[] inputOfLastFull = null;
                float[] previousOutput = null;
                float[] cache = null;
                for (int cnt = 0; cnt < STEPS; cnt++) {
                    float[] input = calls.get(cnt).get(0).data();
                    boolean compute;
                    if (cnt < retained || cnt >= STEPS - 1) {
                        compute = true;
                        error = 0;
                    } else {
                        error += k * (meanDifference(input, previousInput) / mean(previousOutput));
                        compute = !(error < threshold);
                        if (compute) {
                            error = 0;
                        }
                    }
                    previousInput = input;
                    if (!compute) {
                        predictions.add(plus(cache, leading(input, cache.length), 1));
                        reused.add(cnt);
                        continue;
                    }
                    float[] output = model.forward(calls.get(cnt)).data();
                    cache = plus(output, leading(input, output.length), -1);
                    if (previousOutput != null) {
                        k = meanDifference(output, previousOutput) / meanDifference(input, inputOfLastFull);
                    }
                    inputOfLastFull = input;
                    previousOutput = output;
                    predictions.add(output);
                }
                counts.add(reused.size());
                return new Outcome(reused, predictions);
            });
        }
        assertThat(counts).as("trials differ").hasSizeGreaterThan(4);
    }

    /** The latent in the first channels, zeros in the others: the model predicts twice as many. */
    private static float[] leading(float[] latent, int length) {
        float[] all = new float[length];
        System.arraycopy(latent, 0, all, 0, latent.length);
        return all;
    }

    @Test
    void taylorSeerForecastsAsItsSourceDoes() {
        for (int trial = 0; trial < TRIALS; trial++) {
            random = new Random(2503 + trial);
            int interval = 2 + random.nextInt(4);
            int maxOrder = random.nextInt(3);
            int firstEnhance = 1 + random.nextInt(4);
            String text = "taylorseer:interval=" + interval + ",order=" + maxOrder + ",first=" + firstEnhance;
            compare(trial, text, calls -> {
                List<Integer> reused = new ArrayList<>();
                List<float[]> predictions = new ArrayList<>();
                List<float[]> factors = new ArrayList<>();
                List<Integer> activated = new ArrayList<>(List.of(0));
                int counter = 0;
                for (int step = 0; step < STEPS; step++) {
                    Embedded<FloatTensor> context = model.embed(calls.get(step));
                    float[] hidden = context.hidden().data();
                    if (step < firstEnhance || counter == interval - 1) {
                        counter = 0;
                        activated.add(step);
                        float[] out = run(layout.stack(), hidden, context);
                        double distance = activated.get(activated.size() - 1) - activated.get(activated.size() - 2);
                        List<float[]> updated = new ArrayList<>();
                        updated.add(plus(out, hidden, -1));
                        for (int i = 0; i < maxOrder; i++) {
                            if (i >= factors.size() || step <= firstEnhance - 2) {
                                break;
                            }
                            float[] difference = plus(updated.get(i), factors.get(i), -1);
                            updated.add(plus(new float[difference.length], difference, 1 / distance));
                        }
                        factors = updated;
                        predictions.add(head(out, context));
                    } else {
                        counter++;
                        reused.add(step);
                        int x = step - activated.get(activated.size() - 1);
                        float[] out = hidden;
                        double factorial = 1;
                        for (int i = 0; i < factors.size(); i++) {
                            factorial *= Math.max(1, i);
                            out = plus(out, factors.get(i), Math.pow(x, i) / factorial);
                        }
                        predictions.add(head(out, context));
                    }
                }
                return new Outcome(reused, predictions);
            });
        }
    }
}
