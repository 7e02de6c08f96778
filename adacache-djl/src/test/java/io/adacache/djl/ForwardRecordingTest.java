package io.adacache.djl;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.adacache.CacheSession;
import io.adacache.Policies;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every model file against recorded calls of the published code; see {@code recordings/README.md}. */
class ForwardRecordingTest {
    private static final float TOLERANCE = 1e-5f;

    @ParameterizedTest
    @CsvSource({
        "stdit3-tiny, open-sora-tiny.pt, 2",
        "latte-tiny, latte-tiny.pt, 2",
        "latte-diffusers-tiny, latte-diffusers-tiny.pt, 2",
        "open-sora-plan-tiny, open-sora-plan-tiny.pt, 2",
        "latte-class-tiny, latte-class-tiny.pt, 1",
        "joint-tiny, joint-tiny.pt, 2",
        "wan-tiny, wan-tiny.pt, 2",
        "wan-authors-tiny, wan-authors-tiny.pt, 2",
        "wan-i2v-tiny, wan-i2v-tiny.pt, 2",
        "wan-i2v22-tiny, wan-i2v22-tiny.pt, 2",
        "wan-ti2v-tiny, wan-ti2v-tiny.pt, 3",
    })
    void predictsWhatThePublishedCodePredicted(String folder, String file, int count) throws IOException {
        List<Path> recordings = recordings(folder);
        assertThat(recordings).hasSize(count);
        for (Path recording : recordings) {
            // A session has one size of inputs, so each recording has a model and a session of its own.
            try (TorchScriptTransformer model = TestModels.load(file);
                    NDManager manager = model.newManager();
                    CacheSession<NDArray> session = model.begin(Policies.none(), 1)) {
                NDList recorded = read(manager, recording);
                NDList inputs = inputs(model.manifest(), recorded, manager);
                NDArray expected = recorded.get("prediction");
                NDArray plain = model.predict(inputs);
                assertThat(difference(plain, expected)).as(recording.toString()).isLessThanOrEqualTo(TOLERANCE);
                assertThat(session.step(inputs).toFloatArray()).isEqualTo(plain.toFloatArray());
            }
        }
    }

    private static List<Path> recordings(String folder) throws IOException {
        try (Stream<Path> files = Files.list(TestModels.resource("recordings/" + folder))) {
            return files.filter(file -> file.getFileName().toString().startsWith("forward-"))
                    .sorted()
                    .toList();
        }
    }

    private static NDList read(NDManager manager, Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return NDList.decode(manager, in);
        }
    }

    private static NDList inputs(Manifest manifest, NDList recorded, NDManager manager) {
        NDList inputs = new NDList();
        for (Manifest.Input spec : manifest.inputs()) {
            NDArray array = recorded.get(spec.name());
            if (array == null) {
                assertThat(spec.optional()).as(spec.name()).isTrue();
                array = manager.create(
                        new Shape(0), DataType.valueOf(spec.dtype().toUpperCase(Locale.ROOT)));
            }
            inputs.add(array);
        }
        return inputs;
    }

    private static float difference(NDArray a, NDArray b) {
        assertThat(a.getShape()).isEqualTo(b.getShape());
        return a.sub(b).abs().max().getFloat();
    }
}
