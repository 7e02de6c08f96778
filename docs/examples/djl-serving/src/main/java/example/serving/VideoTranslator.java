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
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CancellationException;

/**
 * A request for a video, answered by a whole generation: {@code {"prompt": ..., "seed": ..., "policy": ..., "deadlineSeconds": ...}} in, an
 * MP4 out. One per worker; a worker that is interrupted or closed stops at the next span and answers 503, one whose deadline passes 504.
 */
public final class VideoTranslator implements ServingTranslator {
    private static final String ANSWER = "answer";
    private static final int ZOOM = 6;

    private Map<String, ?> arguments = Map.of();
    private Path file;
    private NDManager worker;
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

    /** How long a worker that is closed waits for its request. */
    private Duration patience() {
        return Duration.ofSeconds(Long.parseLong(argument("adacache.shutdown.seconds", "10")));
    }

    /**
     * Called by a worker inside its first request, whose interrupt would be DJL's error here and not our answer: what can be interrupted is
     * left to {@link #answer}.
     */
    @Override
    public void prepare(TranslatorContext context) {
        file = context.getModel().getModelPath().resolve(argument("adacache.model", "model.pt"));
        worker = context.getPredictorManager();
    }

    /** Loads and warms up, once; where that is interrupted nothing stays loaded, and the next request tries again. */
    private void ready() {
        if (pipeline != null) {
            return;
        }
        Device device = worker.getDevice();
        TorchScriptTransformer loaded = TorchScriptTransformer.load(file, device.isGpu() ? device : Device.cpu());
        try (NDManager manager = loaded.newManager()) {
            Pipeline made = new Pipeline(loaded, steps());
            loaded.warmUp(made.warmUpInputs(manager));
            // The model goes when the worker's manager does.
            worker.attachInternal(UUID.randomUUID().toString(), () -> loaded.close(patience()));
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
            JsonObject wanted = JsonUtils.GSON.fromJson(input.getData().getAsString(), JsonObject.class);
            List<Integer> tokens = pipeline.tokens(text(wanted, "prompt", ""));
            long seed = wanted.has("seed") ? wanted.get("seed").getAsLong() : 1;
            return generate(tokens, seed, policy(wanted), deadline(wanted));
        } catch (IllegalArgumentException | JsonParseException | ClassCastException | NullPointerException e) {
            return new Output(400, String.valueOf(e.getMessage()));
        } catch (CancellationException e) {
            // Interrupted while the model was loaded or warmed up.
            return new Output(503, String.valueOf(e.getMessage()));
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
            } catch (IllegalStateException e) {
                if (session.isClosed()) {
                    return new Output(503, "the worker was closed");
                }
                throw e;
            }
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
