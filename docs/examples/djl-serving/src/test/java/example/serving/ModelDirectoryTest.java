package example.serving;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.inference.Predictor;
import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The model directory, loaded as DJL Serving loads one: properties, {@code Criteria}, translator out of libs/, a predictor per worker. */
@Timeout(600)
class ModelDirectoryTest {
    private static final Path DIRECTORY = Path.of(System.getProperty("model.directory"));

    private static ZooModel<Input, Output> model;

    @BeforeAll
    static void load() throws Exception {
        Files.copy(
                Path.of(System.getProperty("model.file")),
                DIRECTORY.resolve("model.pt"),
                StandardCopyOption.REPLACE_EXISTING);
        assertThrows(
                ClassNotFoundException.class, () -> Class.forName("io.adacache.CacheSession"), "only libs/ has it");
        Properties properties = new Properties();
        try (Reader in = Files.newBufferedReader(DIRECTORY.resolve("serving.properties"))) {
            properties.load(in);
        }
        model = Criteria.builder()
                .setTypes(Input.class, Output.class)
                .optModelPath(DIRECTORY)
                .optEngine(properties.getProperty("engine"))
                .optArgument("adacache.steps", "3")
                .build()
                .loadModel();
    }

    @AfterAll
    static void close() {
        if (model != null) {
            model.close();
        }
    }

    private static Output ask(Predictor<Input, Output> worker, String json) throws Exception {
        Input input = new Input();
        input.addProperty("Content-Type", "application/json");
        input.add("data", json.getBytes(StandardCharsets.UTF_8));
        return worker.predict(input);
    }

    @Test
    void aRequestIsAnsweredWithAVideo() throws Exception {
        try (Predictor<Input, Output> worker = model.newPredictor()) {
            Output every = ask(worker, "{\"prompt\": \"a red circle\", \"policy\": \"every-2\"}");
            assertEquals(200, every.getCode(), every.getMessage());
            assertEquals("video/mp4", every.getProperty("Content-Type", ""));
            assertTrue(Integer.parseInt(every.getProperty("X-Reused-Steps", "0")) > 0);
            byte[] video = every.getData().getAsBytes();
            assertEquals("ftyp", new String(video, 4, 4, StandardCharsets.US_ASCII));
            Output none = ask(worker, "{\"prompt\": \"a red circle\", \"policy\": \"none\"}");
            assertEquals("0", none.getProperty("X-Reused-Steps", ""));
            Output again = ask(worker, "{\"prompt\": \"a red circle\", \"policy\": \"every-2\"}");
            assertArrayEquals(video, again.getData().getAsBytes(), "a request leaves nothing to the next");
        }
    }

    @Test
    void wrongAndLateRequestsAreToldSo() throws Exception {
        try (Predictor<Input, Output> worker = model.newPredictor()) {
            assertEquals(400, ask(worker, "{\"prompt\": \"a cathedral\"}").getCode());
            assertEquals(400, ask(worker, "no json").getCode());
            assertEquals(
                    400,
                    ask(worker, "{\"prompt\": \"a red circle\", \"policy\": \"every-9\"}")
                            .getCode());
            assertEquals(
                    504,
                    ask(worker, "{\"prompt\": \"a red circle\", \"deadlineSeconds\": 0.001}")
                            .getCode());
            assertEquals(200, ask(worker, "{\"prompt\": \"a red circle\"}").getCode(), "the worker goes on");
        }
    }

    @Test
    void anInterruptOfTheWorkerStopsTheGeneration() throws Exception {
        try (Predictor<Input, Output> worker = model.newPredictor()) {
            AtomicReference<Object> answer = new AtomicReference<>();
            Thread thread = new Thread(() -> {
                Thread.currentThread().interrupt();
                try {
                    answer.set(ask(worker, "{\"prompt\": \"a red circle\"}"));
                } catch (Exception e) {
                    answer.set(e);
                }
                assertTrue(Thread.currentThread().isInterrupted());
            });
            thread.start();
            thread.join();
            assertEquals(503, ((Output) answer.get()).getCode());
            assertFalse(thread.isAlive());
        }
    }
}
