package io.adacache.djl;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.adacache.CacheSession;
import io.adacache.Footprint;
import io.adacache.djl.engine.Gate;
import io.adacache.djl.engine.Script;
import io.adacache.djl.engine.WrongResult;
import io.adacache.layout.Layout;
import io.adacache.layout.Span;
import io.adacache.layout.TokenGrid;
import io.adacache.metric.Metric;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Generation;
import io.adacache.spi.TensorOps;
import io.adacache.spi.Transformer;
import io.adacache.spi.Transformer.Embedded;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * A TorchScript diffusion transformer on DJL's PyTorch engine.
 *
 * <p>An AdaCache-ready file (one with a manifest, see {@code docs/model-file.md}) can be cached per block; any other TorchScript file
 * is <em>opaque</em>: it runs, and whole-call policies work. Load it once per device and share it: sessions on several threads do
 * not disturb each other. Owns the native module until closed; closing it while sessions are open is refused, and waits for calls
 * without a session. After that, every call is an {@link IllegalStateException} that says "is closed".
 */
public final class TorchScriptTransformer implements Transformer<NDArray>, AutoCloseable {
    private static final String FORWARD = "forward";

    private final Path file;
    private final Device device;
    private final Gate gate;
    private final Script script;
    final NDArrayOps ops;
    private final Optional<Manifest> manifest;
    private final CallChecker checker;
    private final Predictions predictions;
    private final OpenSessions sessions;
    private final Tiers tiers;
    private String comparison = "not compared";

    private TorchScriptTransformer(
            Path file, Device device, Script script, NDArrayOps ops, Optional<Manifest> manifest) {
        this.file = file;
        this.device = device;
        this.gate = script.gate();
        this.script = script;
        this.ops = ops;
        this.manifest = manifest;
        this.checker = new CallChecker(manifest.orElse(null), device);
        this.predictions = new Predictions(manifest.orElse(null), device);
        this.sessions = new OpenSessions(gate);
        this.tiers = Tiers.of(file, manifest);
    }

    /** How much of a file is looked at before the engine loads it. */
    public enum Checks {
        /**
         * Everything: every byte against its checksum, all of {@link #STRUCTURE}, and one small call of the cut methods against forward.
         * The default.
         */
        ALL,
        /**
         * Everything but the bytes of the weights: for files that somebody else has compared with their checksums. The manifest, the
         * methods, the pickles, and that every entry is the one that was written under its name.
         */
        STRUCTURE,
        /** The manifest alone: for files of a kind that the other checks refuse, and whose origin is known. */
        NONE
    }

    /**
     * Loads a TorchScript file, with all checks.
     *
     * @param file a {@code .pt} file
     * @param device {@code Device.cpu()}, {@code Device.gpu()}, ...
     * @throws ModelFileException if the file is missing, corrupt, no TorchScript, or does not keep the contract that its manifest
     *     claims; nothing stays loaded
     * @throws IllegalStateException if the engine does not start or has not the device, or the JVM is ending; the message says what
     *     to do
     */
    public static TorchScriptTransformer load(Path file, Device device) {
        return load(file, device, Checks.ALL);
    }

    /** Loads a TorchScript file as {@link #load(Path, Device)} does, with as many checks as told. */
    public static TorchScriptTransformer load(Path file, Device device, Checks checks) {
        Optional<Manifest> manifest = ModelFile.checked(file, checks);
        Gate gate = Gate.open(String.valueOf(file.getFileName()));
        Script script = null;
        try {
            script = script(gate, file, device);
            TorchScriptTransformer model =
                    new TorchScriptTransformer(file, device, script, NDArrayOps.load(gate, device), manifest);
            model.compare(checks);
            return model;
        } catch (RuntimeException | Error e) {
            gate.close(script == null ? () -> {} : script::free);
            throw e;
        }
    }

    private void compare(Checks checks) {
        if (manifest.isEmpty()) {
            comparison = "nothing to compare: the file is opaque";
        } else if (checks == Checks.ALL) {
            comparison = Comparison.of(this);
        }
    }

    /**
     * Returns how the cut methods compared with forward when the file was loaded, in words for people: on made-up inputs of the smallest
     * size, once, if it was loaded with {@link Checks#ALL}. A file whose methods do something else is refused, so this tells how closely
     * they agree, or why they could not be compared.
     */
    public String comparison() {
        return comparison;
    }

    private static Script script(Gate gate, Path file, Device device) {
        try {
            return Script.load(gate, file, device);
        } catch (EngineException e) {
            throw new ModelFileException(
                    file + " cannot be loaded by the PyTorch engine: " + e.getMessage()
                            + ". It may be truncated, or made by a newer torch than this engine's libtorch reads",
                    e);
        } catch (UncheckedIOException e) {
            throw new ModelFileException(
                    file + " cannot be read: " + e.getCause().getMessage(), e);
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
     * Returns the policy that a text describes ({@code adacache-fast}, {@code every:n=2}) or a tier of this model ({@code fast},
     * {@code lossless}), with the settings that this model's
     * file recommends for it where the text says nothing; behind them come the published settings of the model's family, or of another
     * one where the text says {@code model=NAME}.
     *
     * @throws IllegalArgumentException if there is no such policy or setting; the message says what exists
     */
    public CachePolicy policy(String text, int steps) {
        return tiers.policy(text, steps);
    }

    /** Returns the names under which this model has settings of its own, {@code lossless} among them; {@link #policy} takes them. */
    public Map<String, Manifest.Tier> tiers() {
        return tiers.all();
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

    @Override
    public Optional<CachePolicy> recommended(String text, int steps) {
        return Optional.of(policy(text, steps));
    }

    /** From what the latent and the noise level add up to; of an opaque model nobody knows which input is which. */
    @Override
    public OptionalLong fingerprint(List<NDArray> inputs) {
        int timestep = manifest.map(present -> present.indexOf("timestep")).orElse(-1);
        if (timestep < 0) {
            return OptionalLong.empty();
        }
        double[] both = new double[] {total(latent(inputs)), total(inputs.get(timestep))};
        // What is not a number is like nothing else, also not like itself.
        return Double.isFinite(both[0]) && Double.isFinite(both[1])
                ? OptionalLong.of(Arrays.hashCode(both))
                : OptionalLong.empty();
    }

    @Override
    public OptionalDouble noiseLevel(List<NDArray> inputs) {
        int timestep = manifest.map(present -> present.indexOf("timestep")).orElse(-1);
        if (timestep < 0) {
            return OptionalDouble.empty();
        }
        NDArray levels = inputs.get(timestep);
        double level = total(levels) / Math.max(1, levels.size());
        return Double.isFinite(level) ? OptionalDouble.of(level) : OptionalDouble.empty();
    }

    private double total(NDArray array) {
        return ops.distance(Metric.L1, array, array).total()[1];
    }

    @Override
    public String remedyForSites() {
        return "Its file carries no adacache.json manifest: export the checkpoint with adacache_export, or make an"
                + " AdaCache-ready copy of the file with 'instrument'";
    }

    /**
     * Begins a generation.
     *
     * @param policy as text, see {@link #policy(String, int)}
     * @param steps number of steps: calls of the denoiser per branch
     * @param branches names of the guidance streams that are called separately, the one called first decides; none for batched
     *     guidance, or no guidance
     * @throws IllegalArgumentException if there is no such policy, or it does not work with this model
     */
    public CacheSession<NDArray> begin(String policy, int steps, String... branches) {
        return session().policy(policy).steps(steps).branches(branches).begin();
    }

    /** Begins a generation, as {@link #begin(String, int, String...)}. */
    public CacheSession<NDArray> begin(CachePolicy policy, int steps, String... branches) {
        return session().policy(policy).steps(steps).branches(branches).begin();
    }

    /** Returns a builder for a session with more settings. */
    public CacheSession.Builder<NDArray> session() {
        return CacheSession.builder(this);
    }

    /** Returns a predictor that takes the place of the one that a service holds. */
    public CachingPredictor newPredictor() {
        checkOpen();
        return new CachingPredictor(this, script.model());
    }

    void checkOpen() {
        gate.checkOpen();
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
    public TensorOps<NDArray> ops() {
        return ops;
    }

    @Override
    public TokenGrid check(List<NDArray> inputs) {
        return checker.check(inputs);
    }

    @Override
    public NDArray latent(List<NDArray> inputs) {
        return inputs.get(manifest.map(present -> present.indexOf("latent")).orElse(0));
    }

    @Override
    public NDArray forward(List<NDArray> inputs) {
        return forward(inputs, predictions.of(inputs, TokenGrid.UNKNOWN), prediction -> prediction);
    }

    /**
     * Runs the plain model, checked and without a session.
     *
     * @return the prediction, attached to the manager of the first input
     * @throws IllegalArgumentException if an input does not fit the model; the message names it
     * @throws IllegalStateException if the model is closed
     */
    public NDArray predict(NDList inputs) {
        checkOpen();
        Expected expected = predictions.of(inputs, check(inputs));
        return forward(inputs, expected, prediction -> handOver(prediction, inputs));
    }

    /**
     * Runs every method once and drops the results, so that the first generation does not wait for what the engine does at the first
     * call of a size. Call it with inputs of the size to come, from the thread that will generate.
     *
     * @throws IllegalArgumentException if an input does not fit the model; the message names it
     */
    public void warmUp(NDList inputs) {
        check(inputs);
        ops.release(forward(inputs));
        if (manifest.isPresent()) {
            try (CacheSession<NDArray> session = begin("none", 1)) {
                session.step(inputs).close();
            }
        }
    }

    private NDArray forward(List<NDArray> inputs, Expected expected, UnaryOperator<NDArray> whenGood) {
        Borrowed borrowed = Borrowed.of(ops, inputs);
        try {
            return call(() -> script.call(
                    FORWARD,
                    arguments -> arguments.addAll(inputs),
                    result -> whenGood.apply(script.tensor(FORWARD, result, prediction -> {
                        expected.checkPrediction(FORWARD, prediction);
                        borrowed.checkUnchanged();
                    }))));
        } catch (EngineException e) {
            throw new EngineException(e.getMessage() + " (the inputs were " + CallChecker.describe(inputs) + ")", e);
        }
    }

    @Override
    public Embedded<NDArray> embed(List<NDArray> inputs) {
        Expected expected = predictions.of(inputs, checker.check(inputs));
        Borrowed borrowed = Borrowed.of(ops, inputs);
        return call(() -> new Embedding(
                script.context(
                        "embed",
                        arguments -> arguments.addAll(inputs),
                        hidden -> expected.checkHidden("embed", hidden)),
                expected,
                borrowed));
    }

    @Override
    public List<NDArray> run(Span sites, int[] capture, NDArray hidden, Embedded<NDArray> context) {
        Embedding embedding = (Embedding) context;
        long[] captured = Arrays.stream(capture).asLongStream().toArray();
        return call(() -> script.tensors(
                "run",
                arguments -> arguments
                        .add(sites.first())
                        .add(sites.last())
                        .list(captured)
                        .add(hidden)
                        .lend(embedding.context()),
                result -> embedding.expected().checkRun(hidden, captured.length, result)));
    }

    @Override
    public NDArray modulated(int site, NDArray hidden, Embedded<NDArray> context) {
        Embedding embedding = (Embedding) context;
        return call(() -> script.tensor(
                "modulated",
                arguments -> arguments.add(site).add(hidden).lend(embedding.context()),
                result -> embedding.expected().checkHidden("modulated", result)));
    }

    @Override
    public NDArray head(NDArray hidden, Embedded<NDArray> context) {
        Embedding embedding = (Embedding) context;
        return call(
                () -> script.tensor("head", arguments -> arguments.add(hidden).lend(embedding.context()), result -> {
                    embedding.expected().checkPrediction("head", result);
                    embedding.borrowed().checkUnchanged();
                }));
    }

    /**
     * Attaches a prediction to the manager of the first input. It is that manager's then, or it is freed: nothing in between.
     *
     * @throws IllegalStateException if that manager was closed during the call
     */
    @Override
    public NDArray handOver(NDArray prediction, List<NDArray> inputs) {
        return HandOver.of(name(), prediction, inputs);
    }

    /** Says what is wrong with the file where a method does not return what the contract says. */
    private <R> R call(Supplier<R> work) {
        try {
            return work.get();
        } catch (WrongResult e) {
            throw new ModelFileException(
                    name() + ": " + e.getMessage() + ". The file does not keep the contract of docs/model-file.md", e);
        }
    }

    @Override
    public void sessionBegun(OpenSession session) {
        sessions.begun(session);
    }

    @Override
    public void sessionClosed(OpenSession session) {
        sessions.ended(session);
    }

    /** Returns the number of arrays that calls on this model returned and nobody has released or taken over. */
    int live() {
        return script.live() + ops.live();
    }

    /**
     * Unloads the model, once the calls without a session that are running have returned. Idempotent.
     *
     * @throws IllegalStateException if sessions are open; the message names them, and the model stays as it is
     */
    @Override
    public void close() {
        sessions.refuseNew();
        gate.close(this::free);
    }

    /**
     * Unloads the model in an orderly way: refuses new sessions and calls from now on, waits for the open sessions to be closed,
     * then closes those that are left (a running step stops at its next span) and waits for the native calls that are running.
     *
     * @param patience how long to wait before sessions are closed by force; an interrupt ends that wait, not the rest
     * @return the sessions that were closed by force, as they describe themselves
     */
    public List<String> close(Duration patience) {
        List<String> forced = sessions.end(patience);
        gate.close(this::free);
        return forced;
    }

    private void free() {
        try {
            ops.free();
        } finally {
            script.free();
        }
    }

    @Override
    public String toString() {
        return name() + " on " + device + " (" + layout() + ")";
    }
}
