package io.adacache.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import io.adacache.bench.pipeline.Clip;
import io.adacache.bench.pipeline.Conditioning;
import io.adacache.bench.pipeline.Decoder;
import io.adacache.bench.pipeline.DemoModel;
import io.adacache.bench.pipeline.DemoSettings;
import io.adacache.bench.pipeline.Denoised;
import io.adacache.bench.pipeline.GuidanceMode;
import io.adacache.bench.pipeline.Pipeline;
import io.adacache.bench.pipeline.Recipe;
import io.adacache.bench.quality.Psnr;
import io.adacache.bench.sampler.Noise;
import io.adacache.djl.Manifest;
import io.adacache.djl.TorchScriptTransformer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** AdaCache+ with default settings on the trained demo model, two tuning prompts: real tensors, real clips. */
class PlusOnTheDemoTest {
    private static final List<String> PROMPTS = List.of(
            "a large blue circle moving slowly to the right on stripes",
            "a small yellow square moving fast up on stripes");

    private static TorchScriptTransformer model;
    private static Pipeline pipeline;
    private static final Map<String, Clip> UNCACHED = new LinkedHashMap<>();

    @BeforeAll
    static void load() {
        model = TorchScriptTransformer.load(DemoModel.copyOut(), Device.cpu());
        Manifest manifest = model.manifest();
        DemoSettings settings = DemoSettings.of(manifest);
        pipeline = new Pipeline(
                model,
                Recipe.of(manifest).make(manifest, settings.latent(), 32, 32),
                GuidanceMode.BATCHED,
                3,
                settings.latent());
        PROMPTS.forEach(prompt -> UNCACHED.put(prompt, clip(generate(prompt, "none"))));
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static Denoised generate(String prompt, String policy) {
        Conditioning conditioning = DemoSettings.of(model.manifest()).conditioning(prompt);
        return pipeline.denoise(
                conditioning, pipeline.policy(policy), new Noise(100 + PROMPTS.indexOf(prompt)), call -> {});
    }

    private static Clip clip(Denoised made) {
        Decoder decoder = pipeline.decoder();
        return decoder.decode(made.latent());
    }

    /** What a policy computes and reaches, the means of both prompts. */
    private record Reached(double computed, double decibels) {
        static Reached by(String policy) {
            double computed = 0;
            double decibels = 0;
            for (String prompt : PROMPTS) {
                Denoised made = generate(prompt, policy);
                computed += made.stats().computedSteps();
                decibels +=
                        Psnr.decibels(clip(made).values(), UNCACHED.get(prompt).values());
            }
            return new Reached(computed / PROMPTS.size(), decibels / PROMPTS.size());
        }
    }

    @Test
    void isFarAheadOfThePresetsAtTheSameWork() {
        Reached fast = Reached.by("adacache-fast");
        Reached plus = Reached.by("adacache-plus:calls=10");
        assertThat(plus.computed()).isLessThanOrEqualTo(10);
        assertThat(plus.decibels()).isGreaterThan(fast.decibels() + 2);
        assertThat(plus.decibels()).isGreaterThan(Reached.by("even-10").decibels() + 5);
    }
}
