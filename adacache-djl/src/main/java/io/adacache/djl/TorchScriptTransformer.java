package io.adacache.djl;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.adacache.CacheSession;
import io.adacache.Footprint;
import io.adacache.djl.engine.Engines;
import io.adacache.djl.engine.Gate;
import io.adacache.event.CacheListener;
import io.adacache.layout.Layout;
import io.adacache.layout.Span;
import io.adacache.layout.TokenGrid;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Generation;
import io.adacache.spi.TensorOps;
import io.adacache.spi.Transformer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A TorchScript diffusion transformer on DJL's PyTorch engine.
 *
 * <p>An AdaCache-ready file (one with a manifest, see {@code docs/model-file.md}) can be cached per block; any other TorchScript file
 * is <em>opaque</em>: it runs, and whole-call policies work. Load it once per device and share it: sessions on several threads do
 * not disturb each other. Owns the native module until closed; closing it while sessions are open is refused, and waits for calls
 * without a session. After that, every call is an {@link IllegalStateException} that says "is closed".
 */
public final class TorchScriptTransformer implements Transformer<NDArray>, AutoCloseable {
    private final Path file;
    private final OneDevice first;
    private final Gate gate;
    final NDArrayOps ops;
    private final Methods methods;
    private final Optional<Manifest> manifest;
    private final CallChecker checker;
    private final Predictions predictions;
    final Embeddings embeddings;
    private final OpenSessions sessions;
    private final SessionDefaults defaults = new SessionDefaults();
    private final Tiers tiers;
    private String comparison = "not compared";

    private TorchScriptTransformer(
            Path file, OneDevice first, Methods methods, Optional<Manifest> manifest, Tiers tiers) {
        this.file = file;
        this.first = first;
        this.gate = first.script().gate();
        this.ops = methods.ops();
        this.methods = methods;
        this.manifest = manifest;
        this.checker = new CallChecker(manifest.orElse(null), first.device());
        this.predictions = new Predictions(manifest.orElse(null), first.device());
        this.embeddings = new Embeddings(name(), methods, checker, predictions, manifest.orElse(null));
        this.sessions = new OpenSessions(gate);
        this.tiers = tiers;
    }

    /** What several devices divide among themselves. */
    public enum Division {
        /** The frames of each video: for videos that take too long, or too much memory, on one device. */
        FRAMES,
        /** The rows of a batch, such as the branches of guidance in one call: each is on one device, and one decision holds for all. */
        ROWS
    }

    /** How much of a file is looked at before the engine loads it. */
    public enum Checks {
        /** The default: every byte against its checksum, all of {@link #STRUCTURE}, and a small call of the cut methods against forward. */
        ALL,
        /**
         * All but the bytes of the weights, for files that somebody else has compared with their checksums: the manifest, the methods, the
         * pickles, and that every entry is the one that was written under its name.
         */
        STRUCTURE,
        /** The manifest alone: for files of a kind that the other checks refuse, and whose origin is known. */
        NONE
    }

    /** What {@link #examine} found: how good it is, what was looked at, what is there, and what to do about it, if anything. */
    public record Finding(Level level, String subject, String found, String advice) {
        /** As it should be; works, and could be better or safer; generations will fail. */
        public enum Level {
            GOOD,
            NOTE,
            WRONG
        }
    }

    /**
     * Looks at all that a first generation needs: Java, memory, versions, threads, allocator, folders, engine, devices, the model file (null for
     * the machine alone), and a generation of the smallest size. What is wrong is a finding, not an exception. No model stays loaded.
     */
    public static List<Finding> examine(@Nullable Path file, Device device) {
        return Doctor.examine(file, device);
    }

    /**
     * Loads a TorchScript file, with all checks.
     *
     * @param file a {@code .pt} file
     * @param device {@code Device.cpu()}, {@code Device.gpu()}, ...
     * @throws ModelFileException if the file is missing, corrupt, no TorchScript, or breaks its contract; nothing stays loaded
     * @throws IllegalStateException if the engine does not start or has not the device, or the JVM is ending; the message says more
     * @throws java.util.concurrent.CancellationException if the thread is interrupted; nothing stays loaded, the interrupt stays set
     */
    public static TorchScriptTransformer load(Path file, Device device) {
        return load(file, device, Checks.ALL);
    }

    /** Loads a TorchScript file as {@link #load(Path, Device)} does, with as many checks as told. */
    public static TorchScriptTransformer load(Path file, Device device, Checks checks) {
        return load(file, List.of(device), checks);
    }

    /** Loads a TorchScript file onto several devices that divide the frames of each video: {@link Division#FRAMES}. */
    public static TorchScriptTransformer load(Path file, List<Device> devices, Checks checks) {
        return load(file, devices, Division.FRAMES, checks);
    }

    /**
     * Loads a TorchScript file onto several devices that share each generation: each has all weights, and holds its part of the frames or
     * rows. How that goes, and what it moves: {@code docs/several-devices.md}. A device may be named more than once. Inputs lie on the
     * first, and so do predictions.
     *
     * @param devices one or more
     * @throws ModelFileException as {@link #load(Path, Device)}, or if the file's methods work on one device only; the message says what to do
     */
    public static TorchScriptTransformer load(Path file, List<Device> devices, Division division, Checks checks) {
        Optional<Manifest> manifest = ModelFile.checked(file, checks);
        Gate gate = Gate.open(String.valueOf(file.getFileName()));
        List<Methods> loaded = new ArrayList<>();
        try {
            OneDevice first = OneDevice.load(gate, file, devices.get(0));
            loaded.add(first);
            var alone = new TorchScriptTransformer(file, first, first, manifest, Tiers.of(file, manifest));
            alone.comparison = Comparison.words(alone, checks);
            if (devices.size() == 1) {
                return alone;
            }
            Methods several = SeveralDevices.of(first, file, manifest.orElse(null), devices, division);
            loaded.set(0, several);
            return alone.over(several, division == Division.ROWS && checks == Checks.ALL);
        } catch (RuntimeException | Error e) {
            gate.close(() -> loaded.forEach(Methods::free));
            throw e;
        }
    }

    private TorchScriptTransformer over(Methods several, boolean compareRows) {
        TorchScriptTransformer model = new TorchScriptTransformer(file, first, several, manifest, tiers);
        model.comparison = comparison;
        if (compareRows) {
            Comparison.ofRows(this, model);
        }
        return model;
    }

    /**
     * Returns how closely the cut methods agreed with forward when the file was loaded with {@link Checks#ALL}, or why they were not
     * compared; in words for people. A file whose methods do something else is refused.
     */
    public String comparison() {
        return comparison;
    }

    /** Returns the manifest. Throws {@link IllegalStateException} for an opaque model. */
    public Manifest manifest() {
        return manifest.orElseThrow(() -> new IllegalStateException(name() + " is opaque: it has no manifest"));
    }

    /** Returns the device. */
    public Device device() {
        return first.device();
    }

    /** Returns a manager on the model's device, for inputs; the caller's to close. */
    public NDManager newManager() {
        return NDManager.newBaseManager(device(), Engines.NAME);
    }

    /**
     * Returns the policy that a text describes ({@code adacache-fast}, {@code every:n=2}) or a tier of this model ({@code lossless}), with
     * the settings that this model's file recommends for it where the text says nothing; behind them come the published settings of the
     * model's family, or of another one where the text says {@code model=NAME}.
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
     */
    public Footprint footprint(CachePolicy policy, int steps, List<NDArray> inputs) {
        return Footprint.predict(policy, layout(), Generation.of(steps), sizes(inputs));
    }

    /** Returns the sizes of a generation's tensors; {@link IllegalStateException} of an opaque model, which does not tell its own. */
    public Footprint.Sizes sizes(List<NDArray> inputs) {
        check(inputs);
        return manifest().tensorSizes(CallSizes.of(manifest(), inputs));
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
        return timestep < 0 ? OptionalLong.empty() : Fingerprint.of(ops, latent(inputs), inputs.get(timestep));
    }

    @Override
    public OptionalDouble noiseLevel(List<NDArray> inputs) {
        int timestep = manifest.map(present -> present.indexOf("timestep")).orElse(-1);
        return timestep < 0 ? OptionalDouble.empty() : Fingerprint.level(ops, inputs.get(timestep));
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
     * @param branches names of guidance streams that are called separately, the one called first decides; none for one stream
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
        return defaults.applied(CacheSession.builder(this), manifest);
    }

    /** Adds a listener to every session that begins on this model from now on, however it is begun. */
    public void listen(CacheListener listener) {
        defaults.listen(listener);
    }

    /**
     * Sets who lets sessions in from now on, however they are begun. One admission may stand before several models of one device.
     * {@link #warmUp} and calls without a session do not ask it.
     */
    public void admission(CacheSession.Admission admission) {
        defaults.admission(admission);
    }

    /** Returns a predictor that takes the place of the one that a service holds. */
    public CachingPredictor newPredictor() {
        checkOpen();
        return new CachingPredictor(this, first.script().model());
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
        return forward(inputs, predictions.of(inputs, check(inputs)), prediction -> prediction);
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
     * Runs every method once and drops the results: what the engine does at a size's first call. Call it on the thread that will generate.
     *
     * @throws IllegalArgumentException if an input does not fit the model; the message names it
     */
    public void warmUp(NDList inputs) {
        ops.release(forward(inputs));
        if (manifest.isPresent()) {
            try (CacheSession<NDArray> session =
                    CacheSession.builder(this).steps(1).begin()) {
                session.step(inputs).close();
            }
        }
    }

    private NDArray forward(List<NDArray> inputs, Expected expected, UnaryOperator<NDArray> whenGood) {
        return Loading.taken(name(), () -> methods.forward(inputs, expected, whenGood));
    }

    @Override
    public Embedded<NDArray> embed(List<NDArray> inputs) {
        return embeddings.embed(inputs);
    }

    @Override
    public Embedder<NDArray> embedder() {
        return embeddings.embedder();
    }

    @Override
    public List<NDArray> run(Span sites, int[] capture, NDArray hidden, Embedded<NDArray> context) {
        return Loading.kept(name(), () -> methods.run(sites, capture, hidden, context));
    }

    @Override
    public NDArray modulated(int site, NDArray hidden, Embedded<NDArray> context) {
        return Loading.kept(name(), () -> methods.modulated(site, hidden, context));
    }

    @Override
    public NDArray head(NDArray hidden, Embedded<NDArray> context) {
        return Loading.kept(name(), () -> methods.head(hidden, context));
    }

    /**
     * Returns the bytes that devices have handed to one another since the model was loaded: {@code switch} (from frames to places or back,
     * around temporal attention), {@code keys-and-values} (of joint attention), {@code prediction}. Empty on one device.
     */
    public Map<String, Long> moved() {
        return methods.moved();
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
        return methods.live();
    }

    /** Returns the bytes of hidden states and residuals that each member of several devices holds now. */
    List<Long> held() {
        return methods.held();
    }

    /**
     * Unloads the model, once the calls without a session that are running have returned. Idempotent.
     *
     * @throws IllegalStateException if sessions are open; the message names them, and the model stays as it is
     */
    @Override
    public void close() {
        sessions.refuseNew();
        gate.close(methods::free);
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
        gate.close(methods::free);
        return forced;
    }

    @Override
    public String toString() {
        return name() + " on " + device() + " (" + layout() + ")";
    }
}
