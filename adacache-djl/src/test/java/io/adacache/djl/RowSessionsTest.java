package io.adacache.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.TranslateException;
import io.adacache.CacheSession;
import io.adacache.djl.CachingPredictor.Videos;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Videos of one batch, each with its own schedule: what one video is does not depend on its neighbours. */
class RowSessionsTest {
    private static final int STEPS = 12;
    private static final int FRAMES = 4;
    private static final int SIZE = 4;
    private static final int VIDEO = 4 * FRAMES * SIZE * SIZE;
    private static final int TEXT = 12 * 32;
    private static final String POLICY = "adacache-fast";

    private static TorchScriptTransformer model;

    @BeforeAll
    static void load() {
        model = TestModels.load(TestModels.OPEN_SORA);
    }

    @AfterAll
    static void close() {
        model.close();
    }

    /** Guidance in one batch: the videos, then the videos again. One changes slowly, one fast, so that schedules differ. */
    private static NDList inputs(NDManager manager, int step, int... videos) {
        float[] latents = new float[2 * videos.length * VIDEO];
        float[] text = new float[2 * videos.length * TEXT];
        float[] timesteps = new float[2 * videos.length];
        for (int row = 0; row < timesteps.length; row++) {
            int video = videos[row % videos.length];
            float[] still = TestModels.noise(100 + video, VIDEO);
            float[] moving = TestModels.noise(1000 * video + step, VIDEO);
            float share = video % 2 == 0 ? 0.02f : 0.9f;
            for (int i = 0; i < VIDEO; i++) {
                latents[row * VIDEO + i] = still[i] + share * moving[i];
            }
            System.arraycopy(
                    TestModels.noise(7 + video + (row < videos.length ? 0 : 50), TEXT), 0, text, row * TEXT, TEXT);
            timesteps[row] = 1000f - 1000f * step / STEPS;
        }
        return new NDList(
                manager.create(latents, new Shape(2L * videos.length, 4, FRAMES, SIZE, SIZE)),
                manager.create(timesteps),
                manager.create(text, new Shape(2L * videos.length, 1, 12, 32)),
                manager.create(new Shape(0), DataType.INT64),
                manager.create(new Shape(0), DataType.FLOAT32),
                manager.create(new float[] {24}),
                manager.create(new float[] {64}),
                manager.create(new float[] {64}));
    }

    /** Predictions of a video in a batch: its row of each guidance half, step by step. */
    private record Run(List<List<float[]>> predictions, List<List<Integer>> computed) {}

    private static Run together(int... videos) throws TranslateException {
        List<List<float[]>> all = new ArrayList<>();
        for (int i = 0; i < videos.length; i++) {
            all.add(new ArrayList<>());
        }
        try (CachingPredictor predictor = model.newPredictor();
                Videos batch = predictor.beginVideos(POLICY, STEPS, videos.length);
                NDManager manager = model.newManager()) {
            for (int step = 0; step < STEPS; step++) {
                float[] both =
                        predictor.predict(inputs(manager, step, videos)).get(0).toFloatArray();
                int row = both.length / (2 * videos.length);
                for (int i = 0; i < 2 * videos.length; i++) {
                    all.get(i % videos.length).add(java.util.Arrays.copyOfRange(both, i * row, (i + 1) * row));
                }
            }
            List<List<Integer>> computed = batch.sessions().stream()
                    .map(session -> session.trace().computedSteps())
                    .toList();
            return new Run(all, computed);
        }
    }

    private static Run alone(int video) {
        List<float[]> all = new ArrayList<>();
        try (NDManager manager = model.newManager();
                CacheSession<NDArray> session = model.begin(POLICY, STEPS)) {
            for (int step = 0; step < STEPS; step++) {
                float[] both = session.step(inputs(manager, step, video)).toFloatArray();
                int row = both.length / 2;
                all.add(java.util.Arrays.copyOfRange(both, 0, row));
                all.add(java.util.Arrays.copyOfRange(both, row, both.length));
            }
            return new Run(List.of(all), List.of(session.trace().computedSteps()));
        }
    }

    @Test
    void eachVideoIsAsAloneBitForBit() throws TranslateException {
        Run batch = together(2, 3, 4);
        assertThat(batch.computed().get(1))
                .as("schedules differ, or the test shows nothing")
                .isNotEqualTo(batch.computed().get(2));
        for (int i = 0; i < 3; i++) {
            Run own = alone(2 + i);
            assertThat(batch.computed().get(i)).isEqualTo(own.computed().get(0));
            assertThat(batch.predictions().get(i))
                    .containsExactlyElementsOf(own.predictions().get(0));
        }
    }

    @Test
    void anotherNeighbourChangesNothing() throws TranslateException {
        Run one = together(2, 3);
        Run other = together(2, 5);
        assertThat(other.predictions().get(0))
                .containsExactlyElementsOf(one.predictions().get(0));
        assertThat(other.predictions().get(1).get(0))
                .isNotEqualTo(one.predictions().get(1).get(0));
    }

    @Test
    void nothingIsLeftAndThePlainModelIsBack() throws TranslateException {
        int before = TestModels.live(model);
        try (CachingPredictor predictor = model.newPredictor();
                NDManager manager = model.newManager()) {
            Videos batch = predictor.beginVideos("every-2", STEPS, 2);
            predictor.predict(inputs(manager, 0, 2, 3));
            assertThatThrownBy(() -> predictor.begin("none", 1)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> predictor.batchPredict(List.of(inputs(manager, 0, 2), inputs(manager, 0, 3))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("one item per call");
            batch.close();
            assertThat(predictor
                            .predict(inputs(manager, 0, 2))
                            .get(0)
                            .getShape()
                            .get(0))
                    .isEqualTo(2);
            predictor.begin("none", 1).close();
        }
        assertThat(TestModels.live(model)).isEqualTo(before);
    }

    @Test
    void rowsThatCannotBeSharedOutAreRefused() {
        try (CachingPredictor predictor = model.newPredictor();
                NDManager manager = model.newManager();
                Videos batch = predictor.beginVideos("every-2", STEPS, 3)) {
            assertThat(batch.sessions()).hasSize(3);
            assertThatThrownBy(() -> predictor.predict(inputs(manager, 0, 2, 3)))
                    .hasMessageContaining("4 rows, which 3 videos cannot share evenly");
            assertThatThrownBy(() -> predictor.beginVideos("every-2", STEPS, 0))
                    .isInstanceOf(IllegalStateException.class);
        }
        try (CachingPredictor predictor = model.newPredictor()) {
            assertThatThrownBy(() -> predictor.beginVideos("every-2", STEPS, 0))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
