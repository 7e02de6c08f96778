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
        for (String text : List.of(
                "adacache-fast",
                "adacache-plus:calls=8",
                "adacache-plus:calls=10",
                "adacache-plus:calls=12",
                "adacache-plus:calls=15",
                "adacache-plus:quality=0.05",
                "adacache-plus:quality=0.1",
                "adacache-plus:quality=0.2",
                "adacache-plus:quality=0.4",
                "adacache-plus:quality=0.8",
                "adacache-plus:quality=0.2,unit=call",
                "adacache-plus:quality=0.1,unit=call",
                "adacache-plus:quality=0.2,weigh=flat",
                "adacache-plus:quality=0.1,weigh=flat",
                "adacache-plus:quality=0.2,forecast=2",
                "adacache-plus:quality=0.2,first=3",
                "easycache:threshold=0.05,first=3",
                "easycache:threshold=0.05,first=3,forecast=1",
                "adacache:codebook=0.00659:14;0.00769:13;0.00909:12;0.0109:11;0.0133:10;0.0167:9;0.0214:8;0.0286:7;0.04:6;0.06:5;0.1:4;0.2:3;0.6:2;10:1,first=4,last=1,forecast=1",
                "adacache:codebook=0.00165:14;0.00192:13;0.00227:12;0.00273:11;0.00333:10;0.00417:9;0.00536:8;0.00714:7;0.01:6;0.015:5;0.025:4;0.05:3;0.15:2;10:1,first=4,last=1,forecast=1",
                "adacache:codebook=0.0275:14;0.0321:13;0.0379:12;0.0455:11;0.0556:10;0.0694:9;0.0893:8;0.119:7;0.167:6;0.25:5;0.417:4;0.833:3;2.5:2;10:1,first=4,last=1,forecast=1")) {
            System.out.println("LAB " + (text.length() > 50 ? text.substring(0, 50) : text) + " " + Reached.by(text));
        }
        Reached fast = Reached.by("adacache-fast");
        Reached plus = Reached.by("adacache-plus:calls=10");
        assertThat(plus.computed()).isLessThanOrEqualTo(10);
        assertThat(plus.decibels()).isGreaterThan(fast.decibels() + 2);
        assertThat(plus.decibels()).isGreaterThan(Reached.by("even-10").decibels() + 5);
    }
}
