package io.adacache.bench.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.adacache.AdaCache;
import io.adacache.Policies;
import io.adacache.bench.TestFiles;
import io.adacache.bench.sampler.Ddim;
import io.adacache.bench.sampler.LatentShape;
import io.adacache.bench.sampler.Noise;
import io.adacache.bench.sampler.Sampler;
import io.adacache.djl.Manifest;
import io.adacache.djl.TorchScriptTransformer;
import io.adacache.layout.Layout.Granularity;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Codebook;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whole generations of every family with the sampler that it was published with. */
class PipelineTest {
    private static final long SEED = 5;
    private static final float PIXELS = 64;

    private static TorchScriptTransformer load(String file) {
        return TorchScriptTransformer.load(TestFiles.model(file), Device.cpu());
    }

    private static LatentShape latent(Manifest manifest) {
        return new LatentShape(1, 4, manifest.sizes().getOrDefault("frames", 4), 8, 8);
    }

    private static Conditioning conditioning(Manifest manifest) {
        return madeUp(manifest);
    }

    private static Conditioning madeUp(Manifest manifest) {
        Noise noise = new Noise(SEED + 1);
        return Conditioning.madeUp(manifest, 1, 6, noise, noise, 24, PIXELS, PIXELS);
    }

    private static Denoised generate(
            TorchScriptTransformer model, Recipe recipe, GuidanceMode mode, CachePolicy policy) {
        Manifest manifest = model.manifest();
        Sampler sampler = recipe.make(manifest, latent(manifest), PIXELS, PIXELS);
        float scale = (float) manifest.guidance().scale();
        return new Pipeline(model, sampler, mode, scale, latent(manifest))
                .denoise(conditioning(manifest), policy, new Noise(SEED), call -> {});
    }

    /** The rates are for these models alone, which have random weights: whatever the distance, something is reused. */
    private static AdaCache adaCache(Granularity granularity) {
        return AdaCache.builder()
                .codebook(Codebook.parse("0.1:4;0.3:3;0.45:4;1:2"))
                .granularity(granularity)
                .build();
    }

    @ParameterizedTest
    @CsvSource({
        "open-sora-tiny.pt, rectified-flow-transformed, 30, 30",
        "latte-tiny.pt, ddim, 50, 50",
        "latte-diffusers-tiny.pt, ddim, 50, 50",
        "open-sora-plan-tiny.pt, pndm, 150, 159",
        "latte-class-tiny.pt, ddpm, 250, 250",
        "joint-tiny.pt, ddim, 50, 50",
    })
    void fusedAndPerResidualAgreeOverAWholeGeneration(String file, String sampler, int steps, int calls) {
        try (TorchScriptTransformer model = load(file)) {
            Recipe recipe = Recipe.of(model.manifest());
            assertThat(recipe).isEqualTo(new Recipe(sampler, steps));
            Denoised fused = generate(model, recipe, GuidanceMode.BATCHED, adaCache(Granularity.FUSED));
            assertThat(fused.stats().announcedSteps()).isEqualTo(calls);
            assertThat(fused.stats().steps()).isEqualTo(calls);
            assertThat(fused.stats().computedSteps() + fused.stats().reusedSteps())
                    .isEqualTo(calls);
            assertThat(fused.stats().computedSteps()).isBetween(calls / 5, calls * 2 / 3);
            assertThat(fused.stats().warnings()).isEmpty();
            assertThat(fused.latent()).doesNotContain(Float.NaN);
            Denoised perSite = generate(model, recipe, GuidanceMode.BATCHED, adaCache(Granularity.SITES));
            assertThat(perSite.trace().computedSteps()).isEqualTo(fused.trace().computedSteps());
            assertClose(perSite.latent(), fused.latent(), 1e-4);
        }
    }

    private static void assertClose(float[] actual, float[] expected, double tolerance) {
        double largest = 0;
        double difference = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            difference = Math.max(difference, Math.abs(expected[i] - actual[i]));
        }
        assertThat(difference / largest).isCloseTo(0, within(tolerance));
    }

    @ParameterizedTest
    @CsvSource({"joint-tiny.pt", "latte-tiny.pt", "open-sora-tiny.pt"})
    void separateGuidanceCallsAreTheBatchInTwoCalls(String file) {
        try (TorchScriptTransformer model = load(file)) {
            Recipe recipe = Recipe.of(model.manifest()).with(12);
            Denoised batched = generate(model, recipe, GuidanceMode.BATCHED, adaCache(Granularity.FUSED));
            Denoised separate = generate(model, recipe, GuidanceMode.SEPARATE, adaCache(Granularity.FUSED));
            assertThat(separate.stats().steps()).isEqualTo(12);
            assertThat(separate.stats().reusedSteps()).isPositive();
            assertThat(separate.trace().computedSteps())
                    .isEqualTo(batched.trace().computedSteps());
            assertClose(separate.latent(), batched.latent(), 1e-4);
        }
    }

    /** The published loop of Latte, written down once more with the plain model: unconditional half first. */
    @Test
    void uncachedLatteIsThePlainLoopBitForBit() {
        try (TorchScriptTransformer model = load("latte-tiny.pt");
                NDManager manager = model.newManager()) {
            Conditioning given = conditioning(model.manifest());
            Sampler sampler = Ddim.leading(10);
            Sampler.Run run = sampler.begin(new Noise(SEED).next(4 * 4 * 8 * 8), new Noise(1));
            NDArray text = manager.create(given.nothing(), new Shape(1, 6, 32))
                    .concat(manager.create(given.text(), new Shape(1, 6, 32)));
            for (float t : sampler.timesteps()) {
                NDArray z = manager.create(run.latent(), new Shape(1, 4, 4, 8, 8));
                NDArray out = model.predict(new NDList(
                        z.concat(z),
                        manager.create(new long[] {(long) t, (long) t}),
                        text,
                        manager.create(new Shape(0), DataType.INT64)));
                float[] unconditional = out.get("0:1, :4").toFloatArray();
                float[] conditional = out.get("1:2, :4").toFloatArray();
                float[] guided = new float[conditional.length];
                for (int i = 0; i < guided.length; i++) {
                    guided[i] = unconditional[i] + 7.5f * (conditional[i] - unconditional[i]);
                }
                run.advance(guided, null);
            }
            Denoised actual = generate(model, new Recipe("ddim", 10), GuidanceMode.BATCHED, Policies.none());
            assertThat(actual.latent()).isEqualTo(run.latent());
            assertThat(actual.stats().computedSteps()).isEqualTo(10);
        }
    }

    /** Class-conditional Latte: frames before channels, conditional half first, variance of the conditional half. */
    @Test
    void uncachedClassLatteIsThePlainLoopBitForBit() {
        try (TorchScriptTransformer model = load("latte-class-tiny.pt");
                NDManager manager = model.newManager()) {
            Recipe recipe = new Recipe("ddpm", 8);
            LatentShape latent = latent(model.manifest());
            Shape shape = new Shape(1, latent.frames(), 4, 8, 8);
            long nothing = (Long) ((Map<?, ?>) model.manifest().details().get("config")).get("num_classes");
            Noise noise = new Noise(SEED);
            Sampler sampler = recipe.make(model.manifest(), latent, PIXELS, PIXELS);
            Sampler.Run run = sampler.begin(noise.next(latent.size()), noise);
            for (float t : sampler.timesteps()) {
                NDArray z = manager.create(run.latent(), shape);
                NDArray out = model.predict(new NDList(
                        z.concat(z),
                        manager.create(new long[] {(long) t, (long) t}),
                        manager.create(new long[] {0, nothing})));
                float[] conditional = out.get("0:1, :, :4").toFloatArray();
                float[] unconditional = out.get("1:2, :, :4").toFloatArray();
                float[] guided = new float[conditional.length];
                for (int i = 0; i < guided.length; i++) {
                    guided[i] = unconditional[i] + 7f * (conditional[i] - unconditional[i]);
                }
                run.advance(guided, out.get("0:1, :, 4:").toFloatArray());
            }
            Denoised actual = generate(model, recipe, GuidanceMode.BATCHED, Policies.none());
            assertThat(actual.latent()).isEqualTo(run.latent());
        }
    }

    @Test
    void withoutGuidanceTheConditionalHalfIsCalledAlone() {
        try (TorchScriptTransformer model = load("latte-tiny.pt")) {
            Recipe recipe = new Recipe("ddim", 4);
            Denoised alone = generate(model, recipe, GuidanceMode.NONE, Policies.none());
            Sampler sampler = Ddim.leading(4);
            float[] unscaled = new Pipeline(model, sampler, GuidanceMode.BATCHED, 1, latent(model.manifest()))
                    .denoise(conditioning(model.manifest()), Policies.none(), new Noise(SEED), call -> {})
                    .latent();
            assertClose(alone.latent(), unscaled, 1e-5);
        }
    }

    @Test
    void samplersThatDoNotFit() {
        try (TorchScriptTransformer model = load("latte-tiny.pt")) {
            LatentShape latent = latent(model.manifest());
            assertThatThrownBy(() -> new Recipe("rectified-flow", 4).make(model.manifest(), latent, 1, 1))
                    .hasMessageContaining("predicts noise");
            assertThatThrownBy(() -> new Recipe("euler", 4).make(model.manifest(), latent, 1, 1))
                    .hasMessageContaining("known: [rectified-flow,");
        }
        List<String> names = List.copyOf(Recipe.SAMPLERS.keySet());
        assertThat(names).doesNotHaveDuplicates().hasSize(8);
    }

    @Test
    void aTextMaskHasALinePerRowOrPerPromptAsTheModelWants() {
        try (TorchScriptTransformer model = load("latte-tiny.pt")) {
            Conditioning full = conditioning(model.manifest());
            long[] mask = {1, 1, 1, 1, 0, 0};
            Conditioning masked =
                    new Conditioning(1, 6, full.channels(), full.text(), full.nothing(), mask, 24, PIXELS, PIXELS);
            Conditioning cut = new Conditioning(
                    1,
                    4,
                    full.channels(),
                    Arrays.copyOf(full.text(), 4 * full.channels()),
                    Arrays.copyOf(full.nothing(), 4 * full.channels()),
                    null,
                    24,
                    PIXELS,
                    PIXELS);
            Pipeline pipeline =
                    new Pipeline(model, Ddim.leading(3), GuidanceMode.BATCHED, 7.5f, latent(model.manifest()));
            float[] a = pipeline.denoise(masked, Policies.none(), new Noise(SEED), call -> {})
                    .latent();
            float[] b = pipeline.denoise(cut, Policies.none(), new Noise(SEED), call -> {})
                    .latent();
            assertClose(a, b, 1e-4);
        }
    }
}
