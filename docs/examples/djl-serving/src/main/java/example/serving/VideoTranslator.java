package example.serving;

import ai.djl.Device;
import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.translate.Batchifier;
import ai.djl.translate.ServingTranslator;
import ai.djl.translate.TranslatorContext;
import ai.djl.util.JsonUtils;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import example.pipeline.Frames;
import example.pipeline.Mp4;
import example.pipeline.Pipeline;
import io.adacache.CacheSession;
import io.adacache.CacheStats;
import io.adacache.djl.TorchScriptTransformer;
import io.adacache.event.Trace;
import java.io.IOException;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;

/**
 * A request for a video, answered by a whole generation: {@code {"prompt": ..., "seed": ..., "policy": ..., "deadlineSeconds": ...}} in, an
 * MP4 out. One per device, shared by its workers; a worker that is interrupted stops at the next span and answers 503, a request whose
 * deadline passes is answered with 504. Thread-safe.
 */
public final class VideoTranslator implements ServingTranslator {
    private static final String ANSWER = "answer";
    private static final int ZOOM = 6;
    private static final Cleaner CLEANER = Cleaner.create();

    private Map<String, ?> arguments = Map.of();
    private Path file;
    private Device device;
    private TorchScriptTransformer model;
    private Pipeline pipeline;

    @Override
    public void setArguments(Map<String, ?> values) {
        arguments = values;
    }

    private String argument(String name, String otherwise) {
        Object value = arguments.get(name);
        return value == null ? otherwise : value.toString();
    }

    private int steps() {
        return Integer.parseInt(argument("adacache.steps", "30"));
    }

    /**
     * Called by each worker inside its first request, whose interrupt would be DJL's error here and not our answer: what can be interrupted is
     * left to {@link #answer}.
     */
    @Override
    public synchronized void prepare(TranslatorContext context) {
        file = context.getModel().getModelPath().resolve(argument("adacache.model", "model.pt"));
        device = context.getPredictorManager().getDevice();
    }

    /**
     * Loads and warms up, once for all workers of a device; where that is interrupted nothing stays loaded, and the next request tries again.
     * DJL has one translator per device and tells it nothing of its end (managers of the RPC engine close nothing): the model goes when the
     * translator is no longer reachable.
     */
    private synchronized void ready() {
        if (pipeline != null) {
            return;
        }
        TorchScriptTransformer loaded = TorchScriptTransformer.load(file, device.isGpu() ? device : Device.cpu());
        try (NDManager manager = loaded.newManager()) {
            Pipeline made = new Pipeline(loaded, steps());
            loaded.warmUp(made.warmUpInputs(manager));
            CLEANER.register(this, () -> loaded.close(Duration.ZERO));
            model = loaded;
            pipeline = made;
        } finally {
            if (pipeline == null) {
                loaded.close();
            }
        }
    }

    /** No batches: a generation is one video. */
    @Override
    public Batchifier getBatchifier() {
        return null;
    }

    /** Does everything; with an empty list DJL goes straight on to the output. */
    @Override
    public NDList processInput(TranslatorContext context, Input input) {
        context.setAttachment(ANSWER, answer(input));
        return new NDList();
    }

    @Override
    public Output processOutput(TranslatorContext context, NDList list) {
        return (Output) context.getAttachment(ANSWER);
    }

    private Output answer(Input input) {
        try {
            ready();
        } catch (CancellationException e) {
            return new Output(503, String.valueOf(e.getMessage()));
        }
        try {
            JsonObject wanted = JsonUtils.GSON.fromJson(input.getData().getAsString(), JsonObject.class);
            List<Integer> tokens = pipeline.tokens(text(wanted, "prompt", ""));
            long seed = wanted.has("seed") ? wanted.get("seed").getAsLong() : 1;
            return generate(tokens, seed, policy(wanted), deadline(wanted));
        } catch (IllegalArgumentException | JsonParseException | ClassCastException | NullPointerException e) {
            return new Output(400, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            // Reading and writing a file are interrupted, too.
            return Thread.currentThread().isInterrupted()
                    ? new Output(503, "The thread was interrupted while the video was encoded")
                    : new Output(500, "the video cannot be encoded: " + e.getMessage());
        }
    }

    private Output generate(List<Integer> tokens, long seed, String policy, Duration deadline) throws IOException {
        try (CacheSession<NDArray> session =
                model.session().policy(policy).steps(steps()).limit(deadline).begin()) {
            try {
                return video(pipeline.generate(session, tokens, seed, step -> {}), session.stats());
            } catch (CancellationException e) {
                boolean late = session.stats().ending() == Trace.Ending.TIMED_OUT;
                return new Output(late ? 504 : 503, String.valueOf(e.getMessage()));
            }
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    private static Output video(Frames frames, CacheStats stats) throws IOException {
        Output output = new Output(200, "OK");
        output.addProperty("Content-Type", "video/mp4");
        output.addProperty("X-Computed-Steps", Integer.toString(stats.computedSteps()));
        output.addProperty("X-Reused-Steps", Integer.toString(stats.reusedSteps()));
        output.add(Mp4.of(frames, ZOOM));
        return output;
    }

    private static String text(JsonObject wanted, String name, String otherwise) {
        return wanted.has(name) ? wanted.get(name).getAsString() : otherwise;
    }

    private String policy(JsonObject wanted) {
        String policy = text(wanted, "policy", argument("adacache.policy", "adacache-fast"));
        List<String> offered = List.of(argument("adacache.policies", policy).split(","));
        if (!offered.contains(policy)) {
            throw new IllegalArgumentException("'policy' is one of " + offered + ", but got '" + policy + "'");
        }
        return policy;
    }

    private Duration deadline(JsonObject wanted) {
        double longest = Double.parseDouble(argument("adacache.deadline.seconds", "60"));
        double asked =
                wanted.has("deadlineSeconds") ? wanted.get("deadlineSeconds").getAsDouble() : longest;
        if (!(asked > 0 && asked <= longest)) {
            throw new IllegalArgumentException(
                    "'deadlineSeconds' is above 0 and at most " + longest + ", but got " + asked);
        }
        return Duration.ofNanos((long) (asked * 1e9));
    }
}
