package io.adacache.bench.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RectifiedFlowTest {
    private static final LatentShape SHAPE = new LatentShape(1, 2, 4, 3, 5);
    private static final RectifiedFlow.Progress SILENT = (step, latent) -> {};

    private static RectifiedFlow sampler(int steps, PredictionType prediction) {
        return new RectifiedFlow(Timesteps.linear(steps), prediction, SHAPE);
    }

    private static float[] noise(long seed) {
        return new Noise(seed).next(SHAPE.size());
    }

    @Test
    void theTrueVelocityLeadsToTheCleanLatent() {
        float[] first = noise(1);
        float[] clean = noise(2);
        float[] last =
                sampler(7, PredictionType.VELOCITY).run(first, (step, t, z, active) -> minus(clean, first), SILENT);
        assertThat(last).usingComparatorWithPrecision(1e-6f).containsExactly(clean);
    }

    @Test
    void theTrueCleanLatentLeadsToItself() {
        float[] clean = noise(2);
        float[] last = sampler(7, PredictionType.CLEAN).run(noise(1), (step, t, z, active) -> clean, SILENT);
        assertThat(last).usingComparatorWithPrecision(1e-6f).containsExactly(clean);
    }

    /** The update of the demo model's training script: {@code z += (clean - z) / (steps - i)}. */
    @Test
    void cleanPredictionsAreTheUpdateOfTheTraining() {
        int steps = 30;
        double[] expected = doubles(noise(3));
        Denoiser curved = (step, t, z, active) -> curve(t, z);
        for (int i = 0; i < steps; i++) {
            float[] z = floats(expected);
            float[] predicted = curve((float) ((1 - (double) i / steps) * 1000), z);
            for (int k = 0; k < expected.length; k++) {
                expected[k] += (predicted[k] - expected[k]) / (steps - i);
            }
        }
        float[] last = sampler(steps, PredictionType.CLEAN).run(noise(3), curved, SILENT);
        assertClose(last, expected);
    }

    @Test
    void velocityStepsAgreeWithDoublePrecision() {
        int steps = 30;
        float[] timesteps = Timesteps.transformed(steps, 64, 64, 27);
        double[] expected = doubles(noise(4));
        for (int i = 0; i < steps; i++) {
            float[] predicted = curve(timesteps[i], floats(expected));
            double way = (i + 1 < steps ? timesteps[i] - timesteps[i + 1] : timesteps[i]) / 1000.0;
            for (int k = 0; k < expected.length; k++) {
                expected[k] += predicted[k] * way;
            }
        }
        float[] last = new RectifiedFlow(timesteps, PredictionType.VELOCITY, SHAPE)
                .run(noise(4), (step, t, z, active) -> curve(t, z), SILENT);
        assertClose(last, expected);
    }

    @Test
    void stepsAndTimestepsAreHandedOn() {
        List<String> calls = new ArrayList<>();
        sampler(4, PredictionType.VELOCITY)
                .run(
                        noise(1),
                        (step, t, z, active) -> {
                            calls.add(step + ":" + t + ":" + (active == null));
                            return new float[z.length];
                        },
                        SILENT);
        assertThat(calls).containsExactly("1:1000.0:true", "2:750.0:true", "3:500.0:true", "4:250.0:true");
    }

    @Test
    void keptFramesStayAndTheModelIsTold() {
        float[] first = noise(5);
        List<float[]> told = new ArrayList<>();
        float[] last = sampler(4, PredictionType.VELOCITY)
                .run(
                        first,
                        new float[] {1, 0, 1, 0},
                        count -> {
                            throw new AssertionError("nothing is noised anew");
                        },
                        (step, t, z, active) -> {
                            told.add(active.clone());
                            return ones(z.length);
                        },
                        SILENT);
        assertThat(told).allSatisfy(active -> assertThat(active).containsExactly(1, 0, 1, 0));
        for (int i = 0; i < last.length; i++) {
            boolean kept = SHAPE.frameOf(i) % 2 == 1;
            assertThat(last[i]).isCloseTo(first[i] + (kept ? 0 : 1), within(1e-6f));
        }
    }

    @Test
    void aFrameInBetweenIsNoisedWhenItsLevelIsReached() {
        float[] first = noise(6);
        float[] fresh = noise(7);
        List<Float> seen = new ArrayList<>();
        float[] last = sampler(4, PredictionType.VELOCITY)
                .run(
                        first,
                        new float[] {0.5f, 1, 1, 1},
                        count -> fresh.clone(),
                        (step, t, z, active) -> {
                            seen.add(z[0]);
                            return ones(z.length);
                        },
                        SILENT);
        // Level 0.5 is reached in step 3, where half of the frame becomes noise; then it moves by 2 x 0.25.
        assertThat(seen.subList(0, 2)).containsOnly(first[0]);
        float noised = 0.5f * first[0] + 0.5f * fresh[0];
        assertThat(seen.get(2)).isEqualTo(noised);
        assertThat(last[0]).isCloseTo(noised + 0.5f, within(1e-6f));
    }

    /** In fp32 the first timestep can be a little above 1000: then even a frame that is generated is still kept in step 1. */
    @Test
    void aFirstTimestepAboveTheTopKeepsAllFrames() {
        float[] timesteps = Timesteps.transformed(2, 64, 64, 27);
        assertThat(timesteps[0]).isGreaterThan(1000);
        int[] asked = {0};
        new RectifiedFlow(timesteps, PredictionType.VELOCITY, SHAPE)
                .run(
                        noise(8),
                        new float[] {1, 1, 1, 1},
                        count -> {
                            asked[0]++;
                            return new float[count];
                        },
                        (step, t, z, active) -> {
                            assertThat(active).containsOnly(step == 1 ? 0 : 1);
                            return ones(z.length);
                        },
                        SILENT);
        assertThat(asked[0]).isEqualTo(1);
    }

    @Test
    void whatDoesNotFitIsRefused() {
        RectifiedFlow sampler = sampler(2, PredictionType.VELOCITY);
        assertThatThrownBy(() -> sampler.run(new float[3], (step, t, z, active) -> z, SILENT))
                .hasMessageContaining("does not fit");
        assertThatThrownBy(() -> sampler.run(noise(1), new float[3], new Noise(1), (step, t, z, active) -> z, SILENT))
                .hasMessageContaining("frame mask has 3 values for 1 x 4 frames");
        assertThatThrownBy(() -> PredictionType.of("noise")).hasMessageContaining("predicts 'noise'");
    }

    @Test
    void guidanceIsItsFormula() {
        assertThat(Guidance.combine(new float[] {2, 1}, new float[] {1, 1}, 7)).containsExactly(8, 1);
    }

    private static float[] curve(float t, float[] z) {
        float[] values = new float[z.length];
        for (int i = 0; i < z.length; i++) {
            values[i] = (float) Math.sin(z[i] + t / 300);
        }
        return values;
    }

    private static float[] minus(float[] a, float[] b) {
        float[] difference = a.clone();
        for (int i = 0; i < a.length; i++) {
            difference[i] -= b[i];
        }
        return difference;
    }

    private static float[] ones(int count) {
        float[] ones = new float[count];
        java.util.Arrays.fill(ones, 1);
        return ones;
    }

    private static double[] doubles(float[] values) {
        double[] wide = new double[values.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = values[i];
        }
        return wide;
    }

    private static float[] floats(double[] values) {
        float[] narrow = new float[values.length];
        for (int i = 0; i < narrow.length; i++) {
            narrow[i] = (float) values[i];
        }
        return narrow;
    }

    private static void assertClose(float[] values, double[] expected) {
        for (int i = 0; i < values.length; i++) {
            assertThat((double) values[i]).isCloseTo(expected[i], within(2e-5));
        }
    }
}
