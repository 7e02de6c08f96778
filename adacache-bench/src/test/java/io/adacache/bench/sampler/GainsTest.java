package io.adacache.bench.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What samplers do with a prediction, against their formulas. */
class GainsTest {
    private static final LatentShape SHAPE = new LatentShape(1, 1, 1, 1, 1);

    private static void assertGains(Sampler sampler, double... expected) {
        List<Double> gains = Gains.of(sampler);
        assertThat(gains).hasSize(expected.length);
        for (int i = 0; i < expected.length; i++) {
            assertThat(gains.get(i)).as("call %d", i + 1).isCloseTo(expected[i], within(1e-3));
        }
    }

    @Test
    void alongAVelocityTheyAreTheLengthsOfTheSteps() {
        assertGains(new RectifiedFlow(Timesteps.linear(4), PredictionType.VELOCITY, SHAPE), 0.25, 0.25, 0.25, 0.25);
    }

    @Test
    void towardsACleanLatentTheyAreTheLengthsOverTheLevel() {
        assertGains(new RectifiedFlow(Timesteps.linear(4), PredictionType.CLEAN, SHAPE), 1.0 / 4, 1.0 / 3, 1.0 / 2, 1);
    }

    @Test
    void everySamplerHasSome() {
        for (Sampler sampler : List.of(Ddim.leading(10), new Ddpm(10), new Pndm(10))) {
            assertThat(Gains.of(sampler))
                    .as(sampler.name())
                    .hasSize(sampler.calls())
                    .allMatch(gain -> gain >= 0 && Double.isFinite(gain));
        }
    }

    @Test
    void ofDdimTheyFollowFromTheNoiseThatIsLeft() {
        Ddim sampler = Ddim.leading(10);
        NoiseLevels levels = NoiseLevels.linear();
        float[] timesteps = sampler.timesteps();
        double[] expected = IntStream.range(0, timesteps.length)
                .mapToDouble(i -> {
                    double now = levels.kept((int) timesteps[i]);
                    double next = i + 1 < timesteps.length ? levels.kept((int) timesteps[i + 1]) : 1;
                    return Math.abs(Math.sqrt(1 - next) - Math.sqrt(next / now) * Math.sqrt(1 - now));
                })
                .toArray();
        assertGains(sampler, expected);
    }
}
