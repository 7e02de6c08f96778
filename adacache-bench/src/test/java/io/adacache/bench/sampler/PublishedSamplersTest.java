package io.adacache.bench.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The samplers against recordings of diffusers' schedulers and of Latte's diffusion code (see record_samplers.py). */
class PublishedSamplersTest {
    private static JsonNode recorded(String name) throws IOException {
        try (InputStream in = PublishedSamplersTest.class.getResourceAsStream("published.json")) {
            return new ObjectMapper().readTree(in).get(name);
        }
    }

    private static Sampler sampler(String name) {
        return switch (name) {
            case "pndm-150" -> new Pndm(150);
            case "pndm-30" -> new Pndm(30);
            case "ddim-50" -> Ddim.leading(50);
            case "ddim-250" -> Ddim.even(250);
            default -> new Ddpm(250);
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"pndm-150", "pndm-30", "ddim-50", "ddim-250", "ddpm-250", "ddpm-250-learned"})
    void followsThePublishedCode(String name) throws IOException {
        JsonNode recorded = recorded(name);
        Sampler sampler = sampler(name);
        float[] timesteps = sampler.timesteps();
        assertThat(timesteps).isEqualTo(floats(recorded.get("timesteps")));
        int[] draws = new int[1];
        Sampler.Run run = sampler.begin(floats(recorded.get("start")), count -> drawn(draws[0]++, count));
        for (int call = 0; call < timesteps.length; call++) {
            float[] variance = name.endsWith("learned") ? variance(run.latent(), timesteps[call]) : null;
            run.advance(noise(run.latent(), timesteps[call]), variance);
            JsonNode expected = recorded.get("trail").get(Integer.toString(call + 1));
            if (expected != null) {
                assertClose(run.latent(), expected, name + ", call " + (call + 1));
            }
        }
    }

    /** Both sides round the schedule to fp32 or the latent; the made-up model enlarges that. */
    private static void assertClose(float[] actual, JsonNode expected, String what) {
        for (int i = 0; i < actual.length; i++) {
            double value = expected.get(i).asDouble();
            assertThat((double) actual[i]).as(what).isCloseTo(value, within(2e-5 * (1 + Math.abs(value))));
        }
    }

    private static float[] noise(float[] x, float t) {
        float[] noise = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            noise[i] = (float) (0.8 * Math.sin(x[i]) + 0.3 * x[i] * Math.cos(t / 200.0));
        }
        return noise;
    }

    private static float[] variance(float[] x, float t) {
        float[] variance = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            variance[i] = (float) Math.sin(3.0 * x[i] + t / 100.0);
        }
        return variance;
    }

    private static float[] drawn(int call, int count) {
        float[] drawn = new float[count];
        for (int i = 0; i < count; i++) {
            drawn[i] = (float) Math.sin(1 + 7.0 * call + 3.0 * i);
        }
        return drawn;
    }

    private static float[] floats(JsonNode array) {
        float[] floats = new float[array.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) array.get(i).asDouble();
        }
        return floats;
    }
}
