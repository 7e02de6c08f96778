package io.adacache.bench.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.adacache.bench.TestFiles;
import io.adacache.bench.sampler.LatentShape;
import io.adacache.bench.sampler.Noise;
import io.adacache.bench.sampler.Sampler;
import io.adacache.djl.Manifest;
import io.adacache.djl.TorchScriptTransformer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole generations of the Wan family: shifted flow samplers, guidance in two calls, pictures beside the noise. */
class WanPipelineTest {
    private static final long SEED = 11;
    private static final int STEPS = 12;
    private static final float PIXELS = 64;
    private static final int TEXT = 5;

    private static TorchScriptTransformer load(String file) {
        return TorchScriptTransformer.load(TestFiles.model(file), Device.cpu());
    }

    private static LatentShape latent(Manifest manifest) {
        return new LatentShape(1, manifest.noiseChannels(), 3, 4, 6);
    }

    private static Conditioning given(Manifest manifest) {
        Noise noise = new Noise(SEED + 1);
        return Conditioning.madeUp(manifest, 1, TEXT, noise, noise, 16, PIXELS, PIXELS)
                .with(Picture.madeUp(manifest, latent(manifest), noise));
    }

    private static Pipeline pipeline(TorchScriptTransformer model, Recipe recipe, GuidanceMode guidance) {
        Manifest manifest = model.manifest();
        Sampler sampler = recipe.make(manifest, latent(manifest), PIXELS, PIXELS);
        return new Pipeline(
                model, sampler, guidance, (float) manifest.guidance().scale(), latent(manifest));
    }

    private static Denoised denoise(Pipeline pipeline, Conditioning given, String policy) {
        return pipeline.denoise(given, pipeline.policy(policy), new Noise(SEED), call -> {});
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "wan-tiny.pt",
                "wan-tiny-bf16.pt",
                "wan-authors-tiny.pt",
                "wan-i2v-tiny.pt",
                "wan-i2v22-tiny.pt",
                "wan-ti2v-tiny.pt"
            })
    void everyPolicyComputesItsShareAndTheRestIsReused(String file) {
        try (TorchScriptTransformer model = load(file)) {
            Recipe published = Recipe.of(model.manifest());
            assertThat(published).isEqualTo(new Recipe("flow-unipc", 50, 5));
            GuidanceMode calls = Sampling.of(model.manifest()).calls();
            assertThat(calls).isEqualTo(GuidanceMode.SEPARATE);
            Pipeline pipeline = pipeline(model, published.with(STEPS), calls);
            Conditioning given = given(model.manifest());
            assertComputed(denoise(pipeline, given, "none"), STEPS, STEPS);
            assertComputed(denoise(pipeline, given, "every-2"), STEPS / 2, STEPS / 2 + 1);
            assertComputed(denoise(pipeline, given, "adacache-fast:codebook=0.1:3;9:2"), 3, STEPS - 3);
            assertComputed(denoise(pipeline, given, "teacache:threshold=1,polynomial=1;0"), 2, STEPS - 2);
        }
    }

    private static void assertComputed(Denoised made, int least, int most) {
        assertThat(made.stats().computedSteps()).isBetween(least, most);
        assertThat(made.stats().computedSteps() + made.stats().reusedSteps()).isEqualTo(STEPS);
        assertThat(made.latent()).doesNotContain(Float.NaN).doesNotContain(Float.POSITIVE_INFINITY);
    }

    /** The published loop, written down once more with the plain model: the halves one after another, the picture behind the noise. */
    @ParameterizedTest
    @CsvSource({
        "wan-tiny.pt, flow-unipc",
        "wan-tiny.pt, flow-euler",
        "wan-i2v-tiny.pt, flow-unipc",
        "wan-ti2v-tiny.pt, flow-unipc"
    })
    void uncachedItIsThePlainLoopBitForBit(String file, String name) {
        try (TorchScriptTransformer model = load(file);
                NDManager manager = model.newManager()) {
            Manifest manifest = model.manifest();
            Recipe recipe = Recipe.of(manifest).with(name).with(6);
            Conditioning given = given(manifest);
            LatentShape latent = latent(manifest);
            Sampler sampler = recipe.make(manifest, latent, PIXELS, PIXELS);
            Sampler.Run run = sampler.begin(new Noise(SEED).next(latent.size()), new Noise(1));
            float scale = (float) manifest.guidance().scale();
            for (float t : sampler.timesteps()) {
                float[] conditional = predict(model, manager, run.latent(), t, given, given.text());
                float[] unconditional = predict(model, manager, run.latent(), t, given, given.nothing());
                float[] guided = new float[conditional.length];
                for (int i = 0; i < guided.length; i++) {
                    guided[i] = unconditional[i] + scale * (conditional[i] - unconditional[i]);
                }
                run.advance(guided, null);
            }
            Denoised actual = denoise(pipeline(model, recipe, GuidanceMode.SEPARATE), given, "none");
            assertThat(actual.latent()).isEqualTo(run.latent());
        }
    }

    private static float[] predict(
            TorchScriptTransformer model, NDManager manager, float[] z, float t, Conditioning given, float[] text) {
        Manifest manifest = model.manifest();
        LatentShape shape = latent(manifest);
        NDArray noise = manager.create(z, new Shape(shape.toArray()));
        NDList inputs = new NDList(noise, manager.create(new float[] {t}), manager.create(text, new Shape(1, TEXT, 8)));
        float[] further = given.picture().channels();
        if (further.length > 0) {
            NDArray picture = manager.create(further, new Shape(1, 20, 3, 4, 6));
            inputs.set(0, noise.concat(picture, 1));
            inputs.add(manager.create(given.picture().tokens(), new Shape(1, 257, 6)));
        } else if (manifest.inputs().size() == 4) {
            inputs.add(manager.create(new Shape(0), DataType.FLOAT32));
        }
        return model.predict(inputs).toFloatArray();
    }

    @Test
    void guidanceInOneBatchComesToTheSame() {
        try (TorchScriptTransformer model = load("wan-i2v-tiny.pt")) {
            Recipe recipe = Recipe.of(model.manifest()).with(6);
            Conditioning given = given(model.manifest());
            float[] batched = denoise(pipeline(model, recipe, GuidanceMode.BATCHED), given, "none")
                    .latent();
            float[] separate = denoise(pipeline(model, recipe, GuidanceMode.SEPARATE), given, "none")
                    .latent();
            double largest = 0;
            double difference = 0;
            for (int i = 0; i < batched.length; i++) {
                largest = Math.max(largest, Math.abs(separate[i]));
                difference = Math.max(difference, Math.abs(separate[i] - batched[i]));
            }
            assertThat(difference / largest).isLessThan(1e-4);
        }
    }

    @Test
    void anotherPictureIsAnotherClip() {
        try (TorchScriptTransformer model = load("wan-i2v-tiny.pt")) {
            Pipeline pipeline = pipeline(model, Recipe.of(model.manifest()).with(3), GuidanceMode.SEPARATE);
            Conditioning given = given(model.manifest());
            float[] plain = denoise(pipeline, given, "none").latent();
            Picture picture = given.picture();
            for (boolean channels : new boolean[] {true, false}) {
                float[] changed = (channels ? picture.channels() : picture.tokens()).clone();
                Arrays.fill(changed, 0);
                Picture other =
                        channels ? new Picture(changed, picture.tokens()) : new Picture(picture.channels(), changed);
                assertThat(denoise(pipeline, given.with(other), "none").latent())
                        .isNotEqualTo(plain);
            }
        }
    }

    @Test
    void withoutThePictureItSaysWhatToGive() {
        try (TorchScriptTransformer model = load("wan-i2v-tiny.pt")) {
            Pipeline pipeline = pipeline(model, Recipe.of(model.manifest()).with(3), GuidanceMode.SEPARATE);
            Conditioning given = given(model.manifest());
            Picture picture = given.picture();
            assertThatThrownBy(() -> denoise(pipeline, given.with(new Picture(new float[0], picture.tokens())), "none"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("20 channels beside the noise")
                    .hasMessageContaining("array picture");
            assertThatThrownBy(
                            () -> denoise(pipeline, given.with(new Picture(picture.channels(), new float[7])), "none"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("array image");
        }
    }

    @Test
    void onlyFlowSamplersHaveAShift() {
        Recipe recipe = new Recipe("flow-euler", 10, 3);
        assertThat(recipe.with("ddim")).isEqualTo(new Recipe("ddim", 10));
        assertThat(recipe.with("flow-unipc")).isEqualTo(new Recipe("flow-unipc", 10, 3));
        assertThatThrownBy(() -> new Recipe("rectified-flow", 10).shifted(2)).hasMessageContaining("has no shift");
        Manifest joint = Manifest.read(TestFiles.model("joint-tiny.pt"));
        assertThat(Sampling.of(joint)).isEqualTo(new Sampling(null, 1, GuidanceMode.BATCHED));
        assertThatThrownBy(() -> recipe.make(joint, new LatentShape(1, 4, 1, 4, 4), 1, 1))
                .hasMessageContaining("does not go with a model that predicts noise");
    }
}
