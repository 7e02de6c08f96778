package io.adacache.djl;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.NoopTranslator;
import ai.djl.translate.TranslateException;
import io.adacache.AdaCache;
import io.adacache.CacheSession;
import io.adacache.Policies;
import io.adacache.djl.instrument.InstrumentOptions;
import io.adacache.djl.instrument.Instrumenter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The two loops of docs/instrument.md: DJL's on a traced file, and the same one on the instrumented file. */
class DropInTest {
    private static final int STEPS = 12;

    @TempDir
    Path folder;

    private interface Loop {
        float[] run(Predictor<NDList, NDList> predictor, NDManager manager) throws TranslateException;
    }

    private static final Loop LOOP = (predictor, manager) -> {
        NDArray latents = manager.create(TestModels.noise(3, 2 * 4 * 4 * 6 * 8), new Shape(2, 4, 4, 6, 8));
        NDArray text = manager.create(TestModels.noise(4, 2 * 5 * 24), new Shape(2, 1, 5, 24));
        for (int i = 0; i < STEPS; i++) {
            float timestep = 1000f - 1000f * i / STEPS;
            NDArray timesteps = manager.create(new float[] {timestep, timestep});
            NDArray prediction =
                    predictor.predict(new NDList(latents, timesteps, text)).get(0);
            latents = latents.sub(prediction.get(":, :4").div(STEPS));
        }
        return latents.toFloatArray();
    };

    private static Criteria<NDList, NDList> criteria(Path file) {
        return Criteria.builder()
                .setTypes(NDList.class, NDList.class)
                .optModelPath(file)
                .optEngine("PyTorch")
                .optDevice(Device.cpu())
                .optTranslator(new NoopTranslator())
                .build();
    }

    @Test
    void theLoopsBodyStaysAsItIs() throws Exception {
        Path traced = Path.of(TestModels.class.getResource("/traced/stdit.pt").toURI());
        float[] before;
        try (ZooModel<NDList, NDList> model = criteria(traced).loadModel();
                Predictor<NDList, NDList> predictor = model.newPredictor();
                NDManager manager = model.getNDManager().newSubManager()) {
            before = LOOP.run(predictor, manager);
        }
        Path file = folder.resolve("model-ada.pt");
        Instrumenter.instrument(traced, file, InstrumentOptions.ofDefaults());
        try (TorchScriptTransformer model = TorchScriptTransformer.load(file, Device.cpu());
                CachingPredictor predictor = model.newPredictor();
                NDManager manager = model.newManager()) {
            try (CacheSession<NDArray> generation = predictor.begin(Policies.none(), STEPS)) {
                assertThat(LOOP.run(predictor, manager)).isEqualTo(before);
                assertThat(generation.stats().reusedSteps()).isZero();
            }
            try (CacheSession<NDArray> generation = predictor.begin(AdaCache.fast(), STEPS)) {
                assertThat(LOOP.run(predictor, manager)).hasSameSizeAs(before);
                assertThat(generation.stats().steps()).isEqualTo(STEPS);
            }
        }
    }

    /** An AdaCache-ready file is a TorchScript file like any other: DJL's own way of loading one gives the plain model. */
    @Test
    void criteriaLoadAnAdaCacheReadyFile() throws Exception {
        Path file = TestModels.file(TestModels.SMALL);
        try (ZooModel<NDList, NDList> plain = criteria(file).loadModel();
                Predictor<NDList, NDList> predictor = plain.newPredictor();
                TorchScriptTransformer model = TorchScriptTransformer.load(
                        plain.getModelPath().resolve(file.getFileName()),
                        plain.getNDManager().getDevice());
                NDManager manager = model.newManager();
                CacheSession<NDArray> session = model.begin("none", 1)) {
            NDList inputs = TestModels.inputs(TestModels.SMALL, manager, 1);
            float[] expected = predictor.predict(inputs).get(0).toFloatArray();
            assertThat(model.predict(inputs).toFloatArray()).isEqualTo(expected);
            assertThat(session.step(inputs).toFloatArray()).isEqualTo(expected);
        }
    }
}
