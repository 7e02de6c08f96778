package io.adacache.djl.torture;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.adacache.AdaCache;
import io.adacache.CacheSession;
import io.adacache.djl.ManifestEdit;
import io.adacache.djl.ModelFileException;
import io.adacache.djl.TestModels;
import io.adacache.djl.TorchScriptTransformer;
import io.adacache.event.CacheListener;
import io.adacache.event.CacheListener.SessionInfo;
import io.adacache.event.Trace.StepRecord;
import io.adacache.layout.ResidualKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What a service that is wrong, unlucky or attacked asks of the public API: each time it gets what it asked for, or one error that says
 * something, in time; afterwards every array is back.
 */
final class Abuses {
    private static final int SECONDS = 60;
    private static final List<Class<? extends RuntimeException>> ANSWERS = List.of(
            IllegalArgumentException.class,
            IllegalStateException.class,
            CancellationException.class,
            ModelFileException.class,
            EngineException.class);

    private final Tally tally = new Tally();
    private final ExecutorService threads = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work);
        thread.setDaemon(true);
        return thread;
    });
    private final TorchScriptTransformer model = TestModels.load(TestModels.SMALL);
    private final Path folder;

    private Abuses(Path folder) {
        this.folder = folder;
    }

    /** No arguments. */
    public static void main(String[] arguments) throws IOException {
        Path folder = Files.createTempDirectory("adacache-abuses");
        Abuses abuses = new Abuses(folder);
        abuses.beginnings();
        abuses.policies();
        abuses.steps();
        abuses.rows();
        abuses.listeners();
        abuses.inputs();
        abuses.files();
        abuses.ends();
        try (var files = Files.list(folder)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
        abuses.tally.print();
        System.exit(0);
    }

    private void trial(String what, Callable<?> abuse) {
        Future<?> running = threads.submit(abuse);
        try {
            running.get(SECONDS, TimeUnit.SECONDS);
            tally.held("done");
        } catch (TimeoutException e) {
            tally.failed(what + " hangs");
        } catch (InterruptedException e) {
            tally.failed(what, e);
        } catch (ExecutionException e) {
            Throwable thrown = e.getCause();
            String message = String.valueOf(thrown.getMessage());
            boolean answer = ANSWERS.stream().anyMatch(type -> type.isInstance(thrown))
                    && !(thrown instanceof NumberFormatException)
                    && !message.isBlank()
                    && !message.contains("TorchScript interpreter");
            if (answer) {
                tally.held("refused");
            } else {
                tally.failed(what, thrown);
            }
        }
    }

    private static NDList inputs(NDManager manager, int rows) {
        return TestModels.small(manager, 7, rows, 3, 4, 4, 5);
    }

    private interface Steps {
        void run(CacheSession<NDArray> session, NDManager manager) throws Exception;
    }

    /** A generation in which something odd happens; whatever it is, nothing is left. */
    private void generation(String what, CacheSession.Builder<NDArray> builder, Steps steps) {
        trial(what, () -> {
            try (NDManager manager = model.newManager();
                    CacheSession<NDArray> session = builder.begin()) {
                steps.run(session, manager);
            }
            return null;
        });
    }

    private CacheSession.Builder<NDArray> session(String policy, int steps) {
        return model.session().policy(policy).steps(steps);
    }

    private void beginnings() {
        for (int steps : new int[] {0, -1, Integer.MIN_VALUE}) {
            trial("steps " + steps, () -> model.begin("none", steps));
        }
        trial("branches of one name", () -> model.begin("none", 4, "a", "a"));
        trial("an id that forges a line", () -> model.session().id("1\n2026 INFO all is well"));
        trial("a limit below 0", () -> model.session().limit(Duration.ofSeconds(-1)));
        generation(
                "a limit of 0",
                session("none", 2).limit(Duration.ZERO),
                (session, manager) -> session.step(inputs(manager, 1)));
        generation(
                "a limit of ages",
                session("none", 2).limit(Duration.ofSeconds(Long.MAX_VALUE)),
                (session, manager) -> session.step(inputs(manager, 1)));
        trial(
                "noise levels that are none",
                () -> session("none", 1).timesteps(List.of(Double.NaN)).begin());
        trial(
                "too few noise levels",
                () -> session("none", 3).timesteps(List.of(1.0)).begin());
    }

    private void policies() {
        StringBuilder many = new StringBuilder("steps:1");
        for (int step = 2; step < 100_000; step++) {
            many.append(';').append(step);
        }
        for (String policy : List.of(
                "",
                " ",
                ":",
                "=",
                "every",
                "every-0",
                "every-99999999999",
                "even-2000000000",
                "steps:",
                "steps:2",
                "steps:0-5",
                "steps:1-2147483647",
                many.toString(),
                "adacache:",
                "adacache:codebook=",
                "adacache:codebook=NaN:1",
                "adacache:codebook=1:-1",
                "adacache:codebook=2:1;1:2",
                "adacache:codebook=0.1:2147483647;1:1",
                "adacache:only-blocks=0-2147483647",
                "adacache:only-blocks=5-1",
                "adacache:motion-scale=0",
                "adacache:motion=true,motion-power=1e308",
                "adacache:rows=some",
                "adacache:metric=l9",
                "adacache:forecast=2147483648",
                "adacache:first=1,first=2",
                "teacache:polynomial=1e999",
                "teacache:polynomial=NaN",
                "teacache:1e308,polynomial=1;0",
                "fbcache:-1",
                "dbcache:first=2147483647",
                "taylorseer:2147483647",
                "easycache:threshold=Infinity",
                "../../etc/passwd",
                "\u001b[2J")) {
            generation("policy " + policy.substring(0, Math.min(40, policy.length())), session(policy, 30), (s, m) -> {
                s.step(inputs(m, 2));
                s.step(inputs(m, 2));
            });
        }
        generation(
                "steps without end",
                session("adacache-fast", Integer.MAX_VALUE),
                (session, manager) -> session.step(inputs(manager, 1)));
        generation("even steps without end", session("even-2000000000", Integer.MAX_VALUE), (session, manager) -> {
            session.step(inputs(manager, 1));
            session.step(inputs(manager, 1));
        });
        generation(
                "a policy that caches nothing",
                model.session()
                        .steps(4)
                        .policy(AdaCache.builder().only(site -> false).build()),
                (session, manager) -> session.step(inputs(manager, 1)));
        generation(
                "a residual that is not there",
                model.session()
                        .steps(4)
                        .policy(AdaCache.builder()
                                .residuals(ResidualKind.CROSS_ATTENTION)
                                .build()),
                (session, manager) -> session.step(inputs(manager, 1)));
    }

    private void steps() {
        for (int number : new int[] {0, 2, -1, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            generation(
                    "step " + number + " first",
                    session("none", 4),
                    (session, manager) -> session.step(number, "single", inputs(manager, 1)));
        }
        generation(
                "an unknown branch", session("none", 4), (session, manager) -> session.step("x", inputs(manager, 1)));
        generation("a step after cancel", session("none", 4), (session, manager) -> {
            session.cancel();
            session.step(inputs(manager, 1));
        });
        generation("a step after close", session("none", 4), (session, manager) -> {
            session.close();
            session.step(inputs(manager, 1));
        });
        generation("more steps than announced", session("every-2", 2), (session, manager) -> {
            for (int step = 0; step < 6; step++) {
                session.step(inputs(manager, 1));
            }
        });
        generation("many threads on one session", session("every-2", 400), (session, manager) -> {
            List<Future<?>> all = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                all.add(threads.submit(() -> crowd(session)));
            }
            for (Future<?> each : all) {
                each.get();
            }
        });
    }

    private void crowd(CacheSession<NDArray> session) {
        try (NDManager manager = model.newManager()) {
            for (int step = 0; step < 50; step++) {
                try {
                    session.step(inputs(manager, 1)).close();
                } catch (IllegalStateException e) {
                    // in use by another thread
                }
            }
        }
    }

    /** Rows come and go, in one stream of guidance or in two that have different numbers of them. */
    private void rows() {
        for (String policy : List.of(
                "adacache-fast", "adacache-fast-moreg", "teacache:9,polynomial=1;0", "fbcache:9", "easycache:9")) {
            String any = policy + (policy.contains(":") ? ",rows=any" : ":rows=any");
            generation(any + ", rows come and go", session(any, 9), (session, manager) -> {
                for (int rows : new int[] {1, 1, 3, 3, 2, 2, 2, 1, 1}) {
                    session.step(inputs(manager, rows)).close();
                }
            });
            generation(any + ", two streams", session(any, 8).branches("a", "b"), (session, manager) -> {
                for (int step = 0; step < 8; step++) {
                    session.step(step % 2 == 0 ? "a" : "b", inputs(manager, step % 2 + 1))
                            .close();
                    session.step(step % 2 == 0 ? "b" : "a", inputs(manager, 2 - step % 2))
                            .close();
                }
            });
        }
    }

    private void listeners() {
        CacheListener endless = new CacheListener() {
            @Override
            public void onStep(SessionInfo session, StepRecord record) {
                onStep(session, record);
            }
        };
        generation(
                "a listener without end",
                session("none", 2).listener(endless),
                (session, manager) -> session.step(inputs(manager, 1)));
        List<CacheSession<NDArray>> open = new ArrayList<>();
        CacheListener again = new CacheListener() {
            @Override
            public void onStep(SessionInfo session, StepRecord record) {
                open.get(0).close();
            }
        };
        generation("a listener that closes", session("every-2", 3).listener(again), (session, manager) -> {
            open.add(session);
            session.step(inputs(manager, 1));
            session.step(inputs(manager, 1));
        });
    }

    private void inputs() {
        try (NDManager manager = model.newManager()) {
            NDArray latent = manager.zeros(new Shape(1, 4, 3, 4, 4));
            NDArray level = manager.create(new float[] {500});
            NDArray text = manager.zeros(new Shape(1, 5, 8));
            trial("no inputs", () -> model.predict(new NDList()));
            trial("one input", () -> model.predict(new NDList(latent)));
            trial("one input three times", () -> model.predict(new NDList(latent, latent, latent)));
            trial("whole numbers", () -> model.predict(new NDList(latent.toType(DataType.INT64, true), level, text)));
            trial("a number for a text", () -> model.predict(new NDList(latent, level, manager.create(1f))));
            trial("an empty text", () -> model.predict(new NDList(latent, level, manager.zeros(new Shape(1, 0, 8)))));
            trial("other rows", () -> model.predict(new NDList(latent, level, manager.zeros(new Shape(2, 5, 8)))));
            trial("infinity", () -> model.predict(new NDList(latent.add(Float.POSITIVE_INFINITY), level, text)));
            for (String policy : List.of("adacache-fast", "easycache:0.1,rows=any", "every-2")) {
                generation(policy + ", not a number", session(policy, 4), (session, own) -> {
                    for (int step = 0; step < 4; step++) {
                        session.step(new NDList(latent.add(Float.NaN), level, text))
                                .close();
                    }
                });
                generation(policy + ", not a number, strict", session(policy, 4).strict(), (session, own) -> {
                    for (int step = 0; step < 4; step++) {
                        session.step(new NDList(latent.add(Float.NaN), level, text))
                                .close();
                    }
                });
            }
        }
        generation("another size in the middle", session("every-2", 4), (session, manager) -> {
            session.step(inputs(manager, 1)).close();
            session.step(TestModels.small(manager, 7, 1, 3, 4, 5, 5)).close();
        });
        generation("a closed manager", session("every-2", 4), (session, manager) -> {
            NDManager other = manager.newSubManager();
            NDList closed = inputs(other, 1);
            other.close();
            session.step(closed);
        });
    }

    private void files() throws IOException {
        Path loop = folder.resolve("loop");
        Files.createSymbolicLink(loop, loop);
        Path empty = Files.createFile(folder.resolve("empty.pt"));
        Path odd = Files.copy(TestModels.file(TestModels.SMALL), folder.resolve("a\n\u001b[2J.pt"));
        for (Path file : List.of(loop, empty, folder, Path.of("/dev/zero"), Path.of("/"), Path.of(""))) {
            trial("load " + file, () -> TorchScriptTransformer.load(file, Device.cpu()));
            trial("edit " + file, () -> ManifestEdit.of(file));
        }
        trial("a name that steers a terminal", () -> {
            TorchScriptTransformer.load(odd, Device.cpu()).close();
            return null;
        });
        trial(
                "a GPU that is not there",
                () -> TorchScriptTransformer.load(TestModels.file(TestModels.SMALL), Device.gpu(77)));
        trial(
                "a device that nobody knows",
                () -> TorchScriptTransformer.load(TestModels.file(TestModels.SMALL), Device.of("tpu", 3)));
    }

    private void ends() {
        for (Duration patience : List.of(Duration.ofSeconds(-5), Duration.ZERO, Duration.ofSeconds(1))) {
            trial("closed within " + patience, () -> {
                TorchScriptTransformer other = TestModels.load(TestModels.SMALL);
                CacheSession<NDArray> open = other.begin("every-2", 3);
                other.close(patience);
                other.close();
                open.close();
                return null;
            });
        }
        trial("closed for ever without sessions", () -> TestModels.load(TestModels.SMALL)
                .close(Duration.ofSeconds(Long.MAX_VALUE)));
        trial("the operations of a model are closed", () -> {
            model.ops().release(model.newManager().create(1f));
            return null;
        });
        int left = TestModels.live(model);
        if (left == 0) {
            tally.held("nothing is left");
        } else {
            tally.failed(left + " arrays are left");
        }
        model.close();
        trial("begin after close", () -> model.begin("none", 2));
        trial("predict after close", () -> model.predict(new NDList()));
        trial("predictor after close", model::newPredictor);
    }
}
