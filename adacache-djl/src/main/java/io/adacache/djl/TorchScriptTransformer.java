package io.adacache.djl;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.IValue;
import io.adacache.CacheSession;
import io.adacache.Footprint;
import io.adacache.Policies;
import io.adacache.layout.Layout;
import io.adacache.layout.Span;
import io.adacache.layout.TokenGrid;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Generation;
import io.adacache.spi.Embedded;
import io.adacache.spi.Transformer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A TorchScript diffusion transformer on DJL's PyTorch engine.
 *
 * <p>An AdaCache-ready file (one with a manifest, see {@code docs/model-file.md}) can be cached per block; any other TorchScript file
 * is <em>opaque</em>: it runs, and whole-call policies work. Load it once per device and share it: sessions on several threads do
 * not disturb each other. Owns the native module until closed; closing it while sessions are open is refused.
 */
public final class TorchScriptTransformer implements Transformer<NDArray>, AutoCloseable {
    private static final List<String> METHODS = List.of("forward", "embed", "run", "modulated", "head");

    private final Path file;
    private final Device device;
    private final Script script;
    private final NDArrayOps ops;
    private final Optional<Manifest> manifest;
    private final Optional<CallChecker> checker;
    private final Set<Object> sessions = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    private TorchScriptTransformer(
            Path file, Device device, Script script, NDArrayOps ops, Optional<Manifest> manifest) {
        this.file = file;
        this.device = device;
        this.script = script;
        this.ops = ops;
        this.manifest = manifest;
        this.checker = manifest.map(present -> new CallChecker(present, device));
    }

    /**
     * Loads a TorchScript file.
     *
     * @param file a {@code .pt} file
     * @param device {@code Device.cpu()}, {@code Device.gpu()}, ...
     * @throws ModelFileException if the file is missing, corrupt, no TorchScript, or does not keep the contract that its manifest
     *     claims; nothing stays loaded
     */
    public static TorchScriptTransformer load(Path file, Device device) {
        refuseSideStreams();
        Optional<Manifest> manifest = ModelFile.archived(file);
        Script script = Script.load(file, device);
        try {
            List<String> needed = manifest.isPresent() ? METHODS : List.of("forward");
            List<String> missing =
                    needed.stream().filter(method -> !script.has(method)).toList();
            if (!missing.isEmpty()) {
                throw new ModelFileException(file + " lacks the methods " + missing
                        + (manifest.isPresent()
                                ? ", which its manifest promises. Export the checkpoint again with adacache_export"
                                : ""));
            }
            return new TorchScriptTransformer(file, device, script, NDArrayOps.load(device), manifest);
        } catch (RuntimeException e) {
            script.close();
            throw e;
        }
    }

    /** DJL's side streams run forward without synchronising with anything else: results would be read before they are there. */
    private static void refuseSideStreams() {
        if (Boolean.getBoolean("ai.djl.pytorch.enable_cuda_stream")) {
            throw new IllegalStateException(
                    "ai.djl.pytorch.enable_cuda_stream is on, which lets calls overtake each other; set it to false");
        }
    }

    /** Returns the manifest. Throws {@link IllegalStateException} for an opaque model. */
    public Manifest manifest() {
        return manifest.orElseThrow(() -> new IllegalStateException(name() + " is opaque: it has no manifest"));
    }

    /** Returns the device. */
    public Device device() {
        return device;
    }

    /** Returns a manager on the model's device, for inputs; the caller's to close. */
    public NDManager newManager() {
        return NDManager.newBaseManager(device, "PyTorch");
    }

    /**
     * Returns the policy that a text describes ({@code adacache-fast}, {@code every:n=2}), with the settings that this model's
     * file recommends for it where the text says nothing.
     *
     * @param steps number of steps of the generation
     * @throws IllegalArgumentException if there is no such policy or setting; the message says what exists
     */
    public CachePolicy policy(String text, int steps) {
        return Policies.parse(text, steps, manifest.map(Manifest::policies).orElse(Map.of()));
    }

    /**
     * Returns the bytes that a session of one branch will hold on inputs of these sizes, before it begins.
     *
     * @param inputs as for {@link #predict}; only their shapes are read
     * @throws IllegalArgumentException if the inputs do not fit, or the policy does not work with this model
     * @throws IllegalStateException if the model is opaque: what it predicts is not known before a call
     */
    public Footprint footprint(CachePolicy policy, int steps, List<NDArray> inputs) {
        Manifest known = manifest();
        check(inputs);
        Footprint.Sizes sizes = known.tensorSizes(CallSizes.of(known, inputs));
        return Footprint.predict(policy, layout(), Generation.of(steps), sizes);
    }

    /** Returns the bytes that a session under the policy of a text will hold; see {@link #policy}. */
    public Footprint footprint(String policy, int steps, List<NDArray> inputs) {
        return footprint(policy(policy, steps), steps, inputs);
    }

    /** Begins a generation of one branch (batched guidance, or none). */
    public CacheSession<NDArray> begin(CachePolicy policy, int steps) {
        return session().policy(policy).steps(steps).begin();
    }

    /** Returns a builder for a session with more settings. */
    public CacheSession.Builder<NDArray> session() {
        return CacheSession.builder(this);
    }

    /** Returns a predictor that takes the place of the one that a service holds. */
    public CachingPredictor newPredictor() {
        return new CachingPredictor(this, script.model());
    }

    @Override
    public String name() {
        return file.getFileName().toString();
    }

    @Override
    public Layout layout() {
        return manifest.map(Manifest::layout).orElse(Layout.opaque());
    }

    @Override
    public NDArrayOps ops() {
        return ops;
    }

    @Override
    public TokenGrid check(List<NDArray> inputs) {
        if (inputs.isEmpty()) {
            throw new IllegalArgumentException("A call needs at least one input");
        }
        return checker.isPresent() ? checker.get().check(inputs) : TokenGrid.UNKNOWN;
    }

    @Override
    public NDArray latent(List<NDArray> inputs) {
        return inputs.get(manifest.map(present -> present.indexOf("latent")).orElse(0));
    }

    @Override
    public NDArray forward(List<NDArray> inputs) {
        return call(() -> script.tensor("forward", values(inputs)));
    }

    /**
     * Runs the plain model, checked and without a session.
     *
     * @return the prediction, attached to the manager of the first input
     */
    public NDArray predict(NDList inputs) {
        check(inputs);
        return handOver(forward(inputs), inputs);
    }

    @Override
    public Embedded<NDArray> embed(List<NDArray> inputs) {
        return call(() -> {
            try (IValue pair = script.call("embed", values(inputs))) {
                IValue[] parts = pair.toIValueTuple();
                try (IValue hidden = parts[0]) {
                    return new Context(hidden.toTensor(script.manager()), parts[1]);
                }
            }
        });
    }

    @Override
    public List<NDArray> run(Span sites, int[] capture, NDArray hidden, Embedded<NDArray> context) {
        long[] captured = Arrays.stream(capture).asLongStream().toArray();
        return call(() -> script.tensors(script.callLending(
                ((Context) context).tensors(),
                "run",
                IValue.from((long) sites.first()),
                IValue.from((long) sites.last()),
                IValue.listFrom(captured),
                Script.value(hidden))));
    }

    @Override
    public NDArray modulated(int site, NDArray hidden, Embedded<NDArray> context) {
        return call(() -> script.tensor(script.callLending(
                ((Context) context).tensors(), "modulated", IValue.from((long) site), Script.value(hidden))));
    }

    @Override
    public NDArray head(NDArray hidden, Embedded<NDArray> context) {
        return call(
                () -> script.tensor(script.callLending(((Context) context).tensors(), "head", Script.value(hidden))));
    }

    @Override
    public NDArray handOver(NDArray prediction, List<NDArray> inputs) {
        prediction.attach(inputs.get(0).getManager());
        return prediction;
    }

    private static IValue[] values(List<NDArray> inputs) {
        List<IValue> values = new ArrayList<>(inputs.size());
        inputs.forEach(input -> values.add(Script.value(input)));
        return values.toArray(IValue[]::new);
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("The model " + name() + " is closed; load it again");
        }
    }

    private interface Call<R> {
        R run();
    }

    private <R> R call(Call<R> call) {
        checkOpen();
        try {
            return call.run();
        } catch (EngineException e) {
            throw new EngineException(
                    name() + ": the model failed inside a call: " + Script.firstLine(e)
                            + " (the cause holds TorchScript's own trace)",
                    e);
        }
    }

    @Override
    public synchronized void sessionBegun(Object session) {
        checkOpen();
        sessions.add(session);
    }

    @Override
    public void sessionClosed(Object session) {
        sessions.remove(session);
    }

    /** Returns the number of arrays that calls on this model returned and nobody has released or taken over. */
    int live() {
        return script.manager().getManagedArrays().size() + ops.live();
    }

    /**
     * Unloads the model. Idempotent.
     *
     * @throws IllegalStateException if sessions are open; the message names them
     */
    @Override
    public synchronized void close() {
        if (!sessions.isEmpty()) {
            throw new IllegalStateException("The model " + name() + " is in use by " + sessions + "; close them first");
        }
        if (!closed) {
            closed = true;
            ops.close();
            script.close();
        }
    }

    @Override
    public String toString() {
        return name() + " on " + device + " (" + layout() + ")";
    }
}
