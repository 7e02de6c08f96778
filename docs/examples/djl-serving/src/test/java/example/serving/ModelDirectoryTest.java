package example.serving;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.inference.Predictor;
import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import java.io.Reader;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The model directory, loaded as DJL Serving loads one: properties, {@code Criteria}, translator out of libs/, a predictor per worker. */
@Timeout(600)
class ModelDirectoryTest {
    private static final Path DIRECTORY = Path.of(System.getProperty("model.directory"));

    private static String engine;
    private static ZooModel<Input, Output> model;
    private static ZooModel<Input, Output> endless;

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
        engine = properties.getProperty("engine");
        model = load(3);
        endless = load(1_000_000);
    }

    private static ZooModel<Input, Output> load(int steps) throws Exception {
        return Criteria.builder()
                .setTypes(Input.class, Output.class)
                .optModelPath(DIRECTORY)
                .optEngine(engine)
                .optArgument("adacache.steps", Integer.toString(steps))
                .optArgument("adacache.deadline.seconds", "500")
                .build()
                .loadModel();
    }

    @AfterAll
    static void close() {
        for (ZooModel<Input, Output> each : new ZooModel[] {model, endless}) {
            if (each != null) {
                each.close();
            }
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

    /** A request that a thread of its own waits for, as a server's workers do. */
    private static final class Request {
        private final AtomicReference<Object> answer = new AtomicReference<>();
        private final Thread thread;
        private volatile boolean interrupted;

        /** Asks; the thread is interrupted before that, if told so. */
        Request(Predictor<Input, Output> worker, boolean before) {
            thread = new Thread(() -> {
                if (before) {
                    Thread.currentThread().interrupt();
                }
                try {
                    answer.set(ask(worker, "{\"prompt\": \"a red circle\", \"policy\": \"none\"}"));
                } catch (Exception e) {
                    answer.set(e);
                }
                interrupted = Thread.currentThread().isInterrupted();
            });
            thread.start();
        }

        /** Waits until the pipeline generates; loading and warming up are over then. */
        void awaitGeneration() {
            while (Arrays.stream(thread.getStackTrace())
                    .noneMatch(frame -> frame.getClassName().equals("example.pipeline.Pipeline")
                            && frame.getMethodName().equals("generate"))) {
                assertTrue(thread.isAlive(), () -> "ended before its first step: " + answer.get());
                LockSupport.parkNanos(1_000_000);
            }
        }

        int code() throws InterruptedException {
            thread.join();
            if (answer.get() instanceof Output output) {
                return output.getCode();
            }
            throw new AssertionError("no answer", (Throwable) answer.get());
        }

        byte[] video() {
            return ((Output) answer.get()).getData().getAsBytes();
        }
    }

    /** Everything that a worker does for its first request is inside that request: loading, warming up, generating. */
    @Test
    void aWorkerThatIsInterruptedBeforeItsFirstRequestAnswersAndGoesOn() throws Exception {
        try (Predictor<Input, Output> worker = model.newPredictor()) {
            for (String when : List.of("nothing is loaded", "nothing is loaded still")) {
                Request early = new Request(worker, true);
                assertEquals(503, early.code(), when);
                assertTrue(early.interrupted, "the interrupt is the server's to see");
            }
            assertEquals(200, ask(worker, "{\"prompt\": \"a red circle\"}").getCode());
            assertEquals(503, new Request(worker, true).code(), "loaded, and interrupted");
            assertEquals(200, ask(worker, "{\"prompt\": \"a red circle\"}").getCode());
        }
    }

    @Test
    void anInterruptInTheMiddleStopsTheGeneration() throws Exception {
        try (Predictor<Input, Output> worker = endless.newPredictor()) {
            Request request = new Request(worker, false);
            request.awaitGeneration();
            request.thread.interrupt();
            assertEquals(503, request.code());
            assertTrue(request.interrupted);
            assertEquals(
                    504,
                    ask(worker, "{\"prompt\": \"a red circle\", \"policy\": \"none\", \"deadlineSeconds\": 0.3}")
                            .getCode(),
                    "the worker goes on, and knows a deadline from an interrupt");
        }
    }

    @Test
    void workersOfADeviceShareOneModel() throws Exception {
        try (Predictor<Input, Output> one = model.newPredictor();
                Predictor<Input, Output> two = model.newPredictor()) {
            Request first = new Request(one, false);
            Request second = new Request(two, false);
            assertEquals(200, first.code());
            assertEquals(200, second.code());
            assertArrayEquals(first.video(), second.video());
        }
        assertNotNull(transformer(model));
    }

    private static Object transformer(ZooModel<Input, Output> of) throws ReflectiveOperationException {
        Field field = of.getTranslator().getClass().getDeclaredField("model");
        field.setAccessible(true);
        return field.get(of.getTranslator());
    }

    /** What a server has unregistered does not stay in memory. */
    @Test
    void theWeightsGoWithTheModel() throws Exception {
        Object loaded = loadAskAndClose();
        Method newPredictor = loaded.getClass().getMethod("newPredictor");
        while (isOpen(newPredictor, loaded)) {
            System.gc();
            LockSupport.parkNanos(20_000_000);
        }
    }

    private static Object loadAskAndClose() throws Exception {
        try (ZooModel<Input, Output> other = load(2);
                Predictor<Input, Output> worker = other.newPredictor()) {
            assertEquals(200, ask(worker, "{\"prompt\": \"a red circle\"}").getCode());
            return transformer(other);
        }
    }

    private static boolean isOpen(Method newPredictor, Object loaded) throws IllegalAccessException {
        try {
            newPredictor.invoke(loaded);
            return true;
        } catch (InvocationTargetException e) {
            assertTrue(e.getCause().getMessage().contains("is closed"), () -> "" + e.getCause());
            return false;
        }
    }
}
