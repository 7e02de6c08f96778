package io.adacache.bench.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The flow-matching samplers against recordings of diffusers' schedulers (see record_flow_samplers.py) and closed forms. */
class FlowSamplersTest {
    private static final float[] START = {-1.7f, -0.6f, 0.4f, 2.3f};

    private static final List<String> NAMES = List.of("flow-euler", "flow-unipc");

    private static float[] levels(String name, int steps, float shift) {
        if (name.equals("flow-euler")) {
            return FlowLevels.euler(steps, shift);
        }
        double[] exact = FlowLevels.uniPc(steps, shift);
        float[] levels = new float[exact.length];
        for (int i = 0; i < levels.length; i++) {
            levels[i] = (float) exact[i];
        }
        return levels;
    }

    private static Sampler sampler(String name, int steps, float shift, PredictionType type) {
        return name.equals("flow-euler") ? new FlowEuler(steps, shift, type) : new FlowUniPc(steps, shift, type);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "flow-euler/50/5.0", "flow-euler/40/3.0", "flow-euler/8/12.0", "flow-euler/2/5.0", "flow-euler/1/1.0",
                "flow-unipc/50/5.0", "flow-unipc/40/3.0", "flow-unipc/8/12.0", "flow-unipc/2/5.0", "flow-unipc/1/1.0"
            })
    void followsThePublishedSchedulers(String run) throws IOException {
        JsonNode recorded = recorded(run);
        String[] parts = run.split("/", 3);
        Sampler sampler =
                sampler(parts[0], Integer.parseInt(parts[1]), Float.parseFloat(parts[2]), PredictionType.FLOW);
        assertThat(sampler.name()).isEqualTo(parts[0]);
        float[] timesteps = sampler.timesteps();
        assertThat(timesteps).hasSize(recorded.get("timesteps").size());
        Sampler.Run made = sampler.begin(floats(recorded.get("start")), count -> new float[count]);
        for (int call = 0; call < timesteps.length; call++) {
            float expected = (float) recorded.get("timesteps").get(call).asDouble();
            assertThat(timesteps[call]).as(run + ", timestep " + call).isCloseTo(expected, within(1e-3f));
            // The recorded timestep, so that a rounding of the last bit does not reach the made-up model.
            made.advance(flow(made.latent(), expected), null);
            assertClose(made.latent(), recorded.get("trail").get(call), run + ", call " + call);
        }
    }

    private static void assertClose(float[] actual, JsonNode expected, String what) {
        for (int i = 0; i < actual.length; i++) {
            double value = expected.get(i).asDouble();
            assertThat((double) actual[i]).as(what).isCloseTo(value, within(2e-5 * (1 + Math.abs(value))));
        }
    }

    /** A model that knows the clean latent c: the flow is (x - c) / level, and every sampler ends at c. */
    @ParameterizedTest
    @EnumSource(PredictionType.class)
    void endsAtTheCleanLatentOfAModelThatKnowsIt(PredictionType type) {
        float clean = 0.75f;
        for (String name : NAMES) {
            Sampler sampler = sampler(name, 7, 3, type);
            Sampler.Run run = sampler.begin(START, count -> new float[count]);
            float[] levels = levels(name, 7, 3);
            for (int call = 0; call < 7; call++) {
                float[] predicted = new float[START.length];
                for (int i = 0; i < predicted.length; i++) {
                    float flow = (run.latent()[i] - clean) / levels[call];
                    predicted[i] = type == PredictionType.CLEAN ? clean : type == PredictionType.FLOW ? flow : -flow;
                }
                run.advance(predicted, null);
            }
            for (float value : run.latent()) {
                assertThat(value).as(name).isCloseTo(clean, within(1e-5f));
            }
        }
    }

    @Test
    void levelsDescendFromNoiseToCleanAndAShiftKeepsThemHigh() {
        for (String name : NAMES) {
            float[] levels = levels(name, 9, 5);
            assertThat(levels).hasSize(10);
            assertThat(levels[0]).isCloseTo(1, within(2e-6f));
            assertThat(levels[9]).isZero();
            for (int i = 1; i < levels.length; i++) {
                assertThat(levels[i]).isLessThan(levels[i - 1]);
            }
            assertThat(levels[4]).isGreaterThan(levels(name, 9, 1)[4]);
        }
        assertThatThrownBy(() -> new FlowUniPc(0, 5, PredictionType.FLOW)).hasMessageContaining("at least one step");
        for (float shift : new float[] {0, -1, Float.NaN, Float.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> new FlowEuler(3, shift, PredictionType.FLOW))
                    .hasMessageContaining("above 0");
        }
    }

    private static JsonNode recorded(String name) throws IOException {
        try (InputStream in = FlowSamplersTest.class.getResourceAsStream("flow.json")) {
            return new ObjectMapper().readTree(in).get(name);
        }
    }

    private static float[] flow(float[] x, float t) {
        float[] flow = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            flow[i] = (float) (0.8 * Math.sin(x[i]) + 0.3 * x[i] * Math.cos(t / 200.0));
        }
        return flow;
    }

    private static float[] floats(JsonNode array) {
        float[] floats = new float[array.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) array.get(i).asDouble();
        }
        return floats;
    }
}
