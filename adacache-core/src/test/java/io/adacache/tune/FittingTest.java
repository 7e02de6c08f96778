package io.adacache.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.adacache.Policies;
import io.adacache.policy.Generation;
import io.adacache.testkit.FloatTensor;
import io.adacache.testkit.Layouts;
import io.adacache.testkit.LinearTransformer;
import io.adacache.tune.Recording.Recorder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FittingTest {
    private static final int STEPS = 12;

    private static Recording recording(long seed) {
        LinearTransformer model = LinearTransformer.of(Layouts.openSora(2));
        Random random = new Random(seed);
        float[] latent = new float[2 * 2 * 2 * 2];
        try (Recorder<FloatTensor> recorder =
                Recording.begin(model, Generation.of(STEPS), List.of(Policies.parse("teacache:polynomial=1;0")))) {
            for (int step = 0; step < STEPS; step++) {
                for (int i = 0; i < latent.length; i++) {
                    latent[i] += (step == 0 ? 1 : 0.2f) * (float) random.nextGaussian();
                }
                recorder.step(List.of(
                        model.ops().tensor(latent, 1, 2, 2, 2, 2),
                        model.ops().tensor(new float[] {1000f - 50 * step}, 1)));
            }
            return recorder.recording();
        }
    }

    @Test
    void findsThePolynomialThatMadeThePoints() {
        Random random = new Random(4);
        double[] coefficients = {3, -2, 0.5, 1, 0.25};
        double[] x = random.doubles(40, 0, 0.4).toArray();
        double[] y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            for (double coefficient : coefficients) {
                y[i] = y[i] * x[i] + coefficient;
            }
        }
        double[] found = LeastSquares.polynomial(x, y, 4);
        for (int i = 0; i < coefficients.length; i++) {
            assertThat(found[i]).isCloseTo(coefficients[i], within(1e-6));
        }
    }

    @Test
    void fitsSettingsOfRivals() {
        List<Recording> recordings = new ArrayList<>();
        for (long seed = 0; seed < 5; seed++) {
            recordings.add(recording(seed));
        }
        assertThat(Fitting.teaCachePolynomial(recordings, 2)).hasSize(3).allMatch(Double::isFinite);
        List<Double> ratios = Fitting.magCacheRatios(recordings);
        assertThat(ratios).hasSize(STEPS - 1).allMatch(ratio -> ratio > 0.1 && ratio < 10);
        double threshold = Fitting.settingFor(
                recordings,
                value -> Policies.parse(String.format(Locale.ROOT, "teacache:%.9f,polynomial=1;0", value)),
                6,
                0,
                10);
        double work = Fitting.work(
                recordings, Policies.parse(String.format(Locale.ROOT, "teacache:%.9f,polynomial=1;0", threshold)));
        assertThat(work).isLessThanOrEqualTo(6).isGreaterThan(4);
    }
}
