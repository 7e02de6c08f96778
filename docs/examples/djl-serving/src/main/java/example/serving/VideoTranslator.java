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
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CancellationException;

/**
 * A request for a video, answered by a whole generation: {@code {"prompt": ..., "seed": ..., "policy": ..., "deadlineSeconds": ...}} in, an
 * MP4 out. One per worker; a worker that is interrupted stops at the next span.
 */
public final class VideoTranslator implements ServingTranslator {
    private static final String ANSWER = "answer";
    private static final int ZOOM = 6;

    private Map<String, ?> arguments = Map.of();
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

    /** Called once per worker. The model goes when the worker's manager does. */
    @Override
    public void prepare(TranslatorContext context) {
        Path file = context.getModel().getModelPath().resolve(argument("adacache.model", "model.pt"));
        Device device = context.getPredictorManager().getDevice();
        model = TorchScriptTransformer.load(file, device.isGpu() ? device : Device.cpu());
        context.getPredictorManager()
                .attachInternal(UUID.randomUUID().toString(), () -> model.close(Duration.ofSeconds(10)));
        pipeline = new Pipeline(model, steps());
        try (NDManager manager = model.newManager()) {
            model.warmUp(pipeline.warmUpInputs(manager));
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
            JsonObject wanted = JsonUtils.GSON.fromJson(input.getData().getAsString(), JsonObject.class);
            List<Integer> tokens = pipeline.tokens(text(wanted, "prompt", ""));
            long seed = wanted.has("seed") ? wanted.get("seed").getAsLong() : 1;
            return generate(tokens, seed, policy(wanted), deadline(wanted));
        } catch (IllegalArgumentException | JsonParseException | ClassCastException | NullPointerException e) {
            return new Output(400, String.valueOf(e.getMessage()));
        } catch (CancellationException e) {
            return new Output(Thread.currentThread().isInterrupted() ? 503 : 504, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            return new Output(500, "the video cannot be encoded: " + e.getMessage());
        }
    }

    private Output generate(List<Integer> tokens, long seed, String policy, Duration deadline) throws IOException {
        try (CacheSession<NDArray> session =
                model.session().policy(policy).steps(steps()).limit(deadline).begin()) {
            Frames frames = pipeline.generate(session, tokens, seed, step -> {});
            CacheStats stats = session.stats();
            Output output = new Output(200, "OK");
            output.addProperty("Content-Type", "video/mp4");
            output.addProperty("X-Computed-Steps", Integer.toString(stats.computedSteps()));
            output.addProperty("X-Reused-Steps", Integer.toString(stats.reusedSteps()));
            output.add(Mp4.of(frames, ZOOM));
            return output;
        }
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
