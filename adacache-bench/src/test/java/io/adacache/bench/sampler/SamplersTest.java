package io.adacache.bench.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The samplers where the answer is known in closed form. */
class SamplersTest {
    private static final NoiseLevels SCHEDULE = NoiseLevels.linear();

    private interface Model {
        double noise(double x, int timestep);
    }

    private static double run(Sampler sampler, double first, Model model) {
        SplittableRandom random = new SplittableRandom(3);
        Sampler.Run run = sampler.begin(new float[] {(float) first}, count -> {
            float[] values = new float[count];
            Arrays.setAll(new double[count], i -> values[i] = (float) random.nextGaussian());
            return values;
        });
        for (float t : sampler.timesteps()) {
            run.advance(new float[] {(float) model.noise(run.latent()[0], (int) t)}, null);
        }
        return run.latent()[0];
    }

    /** The best prediction for data with mean 0 and the given variance. */
    private static Model gaussian(double variance) {
        return (x, t) -> Math.sqrt(1 - SCHEDULE.kept(t)) * x / spread(variance, SCHEDULE.kept(t));
    }

    private static double spread(double variance, double kept) {
        return kept * variance + 1 - kept;
    }

    @Test
    void scheduleIsTheUsualOne() {
        double logarithm = 0;
        for (int t = 0; t < 1000; t++) {
            logarithm += Math.log1p(-(1e-4 + t * (0.02 - 1e-4) / 999));
        }
        assertThat(SCHEDULE.kept(999)).isCloseTo(Math.exp(logarithm), within(1e-12));
        assertThat(SCHEDULE.kept(999)).isCloseTo(4.0358e-5, within(1e-8));
        assertThat(SCHEDULE.kept(0)).isCloseTo(0.9999, within(1e-12));
    }

    @Test
    void timestepsAreThoseOfThePublishedPipelines() {
        assertThat(Ddim.leading(50).timesteps())
                .startsWith(980, 960, 940)
                .endsWith(40, 20, 0)
                .hasSize(50);
        assertThat(new Pndm(150).timesteps())
                .startsWith(894, 891, 891, 888, 888, 885, 885, 882, 882, 879, 879, 876, 876, 870, 864)
                .endsWith(12, 6, 0)
                .hasSize(159);
        assertThat(new Pndm(150).calls()).isEqualTo(159);
        assertThat(new Ddpm(250).timesteps())
                .startsWith(999, 995, 991)
                .endsWith(8, 4, 0)
                .hasSize(250);
    }

    /** Of Gaussian data, the flow keeps x / sqrt(variance at its level) as it is. */
    @Test
    void theExactFlowOfGaussianDataIsApproached() {
        double[] errors = new double[3];
        Sampler[] samplers = {Ddim.leading(50), Ddim.leading(100), new Pndm(150)};
        for (int i = 0; i < samplers.length; i++) {
            double variance = 0.25;
            double first = 1.3;
            double from = SCHEDULE.kept((int) samplers[i].timesteps()[0]);
            // PNDM stops at the noise level of timestep 0, DDIM at the clean latent.
            double to = samplers[i] instanceof Pndm ? SCHEDULE.kept(0) : 1;
            double exact = first * Math.sqrt(spread(variance, to) / spread(variance, from));
            errors[i] = Math.abs(run(samplers[i], first, gaussian(variance)) / exact - 1);
        }
        assertThat(errors[0]).isLessThan(0.1);
        // First order: half the step, half the error. Fourth order: far below.
        assertThat(errors[0] / errors[1]).isBetween(1.6, 2.4);
        assertThat(errors[2]).isLessThan(errors[1] / 50);
    }

    /** With constant noise e, x = sqrt(a) c + sqrt(1 - a) e: every step lands where the same clean latent leads. */
    @Test
    void constantNoiseIsFollowedExactly() {
        for (Sampler sampler : new Sampler[] {Ddim.leading(50), Ddim.even(250), new Pndm(150), new Pndm(30)}) {
            double clean = 0.7;
            double noise = -1.2;
            double first = at(SCHEDULE.kept((int) sampler.timesteps()[0]), clean, noise);
            double last = sampler instanceof Pndm ? at(SCHEDULE.kept(0), clean, noise) : clean;
            assertThat(run(sampler, first, (x, t) -> noise)).isCloseTo(last, within(2e-5));
        }
    }

    private static double at(double kept, double clean, double noise) {
        return Math.sqrt(kept) * clean + Math.sqrt(1 - kept) * noise;
    }

    /**
     * In the variables u = x / sqrt(a) and s = sqrt(1 / a - 1) a step adds (s' - s) times a mean of the noise. For noise that is a
     * cubic polynomial of time alone, Simpson's rule (the Runge-Kutta steps) and four-step Adams-Bashforth are exact: its mean over the step.
     */
    @Test
    void pndmTakesTheExactMeanOfCubicNoise() {
        Sampler sampler = new Pndm(150);
        double first = 0.4;
        double u = first / Math.sqrt(SCHEDULE.kept(894));
        for (int t = 894; t > 0; t -= 6) {
            double mean = (integral(t) - integral(t - 6)) / 6;
            u += (s(t - 6) - s(t)) * mean;
        }
        double expected = u * Math.sqrt(SCHEDULE.kept(0));
        assertThat(run(sampler, first, (x, t) -> cubic(t / 1000.0))).isCloseTo(expected, within(1e-4));
    }

    private static double s(int timestep) {
        return Math.sqrt(1 / SCHEDULE.kept(timestep) - 1);
    }

    private static double cubic(double t) {
        return 1 - 2 * t + 3 * t * t - 4 * t * t * t;
    }

    /** Of the cubic, by timestep. */
    private static double integral(int timestep) {
        double t = timestep / 1000.0;
        return 1000 * (t - t * t + t * t * t - t * t * t * t);
    }

    /** Bayes: the step before x, given x and the clean latent, is Gaussian with precisions that add up. */
    @Test
    void ddpmStepIsThePosterior() {
        Sampler sampler = new Ddpm(250);
        double now = SCHEDULE.kept(999);
        double next = SCHEDULE.kept(995);
        double kept = now / next;
        double x = 0.8;
        double noise = 0.3;
        double clean = (x - Math.sqrt(1 - now) * noise) / Math.sqrt(now);
        double precision = kept / (1 - kept) + 1 / (1 - next);
        double mean = (Math.sqrt(kept) / (1 - kept) * x + Math.sqrt(next) / (1 - next) * clean) / precision;
        double[] lower = step(sampler, x, noise, -1f);
        assertThat(lower[0]).isCloseTo(mean, within(1e-5));
        assertThat(lower[1]).isCloseTo(Math.sqrt(1 / precision), within(1e-5));
        double[] upper = step(sampler, x, noise, 1f);
        assertThat(upper[1]).isCloseTo(Math.sqrt(1 - kept), within(1e-5));
        // On a logarithmic scale half way is the geometric mean; without a variance the upper bound is taken.
        assertThat(step(sampler, x, noise, 0f)[1]).isCloseTo(Math.sqrt(lower[1] * upper[1]), within(1e-5));
        assertThat(step(sampler, x, noise, null)[1]).isEqualTo(upper[1]);
    }

    /** Returns the mean and the deviation of the first step. */
    private static double[] step(Sampler sampler, double x, double noise, Float variance) {
        double[] results = new double[2];
        for (int i = 0; i < 2; i++) {
            float drawn = i;
            Sampler.Run run = sampler.begin(new float[] {(float) x}, count -> new float[] {drawn});
            run.advance(new float[] {(float) noise}, variance == null ? null : new float[] {variance});
            results[i] = run.latent()[0];
        }
        return new double[] {results[0], results[1] - results[0]};
    }

    @Test
    void ancestralSamplingOfGaussianDataEndsNearItsVariance() {
        int count = 4000;
        SplittableRandom random = new SplittableRandom(11);
        float[] first = new float[count];
        for (int i = 0; i < count; i++) {
            first[i] = (float) random.nextGaussian();
        }
        Sampler sampler = new Ddpm(250);
        Sampler.Run run = sampler.begin(first, n -> {
            float[] noise = new float[n];
            for (int i = 0; i < n; i++) {
                noise[i] = (float) random.nextGaussian();
            }
            return noise;
        });
        for (float t : sampler.timesteps()) {
            float[] noise = new float[count];
            for (int i = 0; i < count; i++) {
                noise[i] = (float) gaussian(0.5).noise(run.latent()[i], (int) t);
            }
            run.advance(noise, null);
        }
        double squares = 0;
        for (float value : run.latent()) {
            squares += value * value;
        }
        assertThat(squares / count).isCloseTo(0.5, within(0.05));
    }

    @Test
    void wrongUse() {
        Sampler.Run run = Ddim.leading(1).begin(new float[2], float[]::new);
        assertThatThrownBy(() -> run.advance(new float[3], null)).hasMessageContaining("does not fit a latent of 2");
        run.advance(new float[2], null);
        assertThatThrownBy(() -> run.advance(new float[2], null)).hasMessageContaining("over after 1 calls");
        assertThatThrownBy(() -> new Pndm(3)).hasMessageContaining("4 to 500");
        assertThatThrownBy(() -> Ddim.leading(1001)).hasMessageContaining("1 to 1000");
    }
}
