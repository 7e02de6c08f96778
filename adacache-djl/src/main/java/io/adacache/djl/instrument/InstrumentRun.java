package io.adacache.djl.instrument;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.adacache.djl.Manifest;
import io.adacache.djl.ModelFileException;
import io.adacache.djl.TorchScriptTransformer;
import io.adacache.djl.archive.Archive;
import io.adacache.djl.engine.Reasons;
import io.adacache.djl.instrument.graph.Observed;
import io.adacache.djl.instrument.graph.Probed;
import io.adacache.djl.instrument.graph.Program;
import io.adacache.djl.instrument.graph.Remedy;
import io.adacache.djl.instrument.graph.Spine;
import io.adacache.layout.Site;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One run of the instrumenter: probe, write, verify, and only then let the file appear. */
final class InstrumentRun {
    private static final List<String> DIMENSIONS = List.of("batch", "frames", "height", "width", "text");

    private final Program program;
    private final Spine spine;
    private final Path out;
    private final Path folder;
    private final InstrumentOptions options;
    private final CandidateFile file;
    private final SpineReport found;
    private final Observed observed;
    private final List<String> notes = new ArrayList<>();

    InstrumentRun(Archive archive, Program program, Spine spine, Path out, Path folder, InstrumentOptions options) {
        this.program = program;
        this.spine = spine;
        this.out = out.toAbsolutePath();
        this.folder = folder;
        this.options = options;
        this.file = new CandidateFile(archive, program, spine, options.device());
        this.found = Instrumenter.describe(program, spine);
        this.observed = spine.observed();
    }

    static void checkPaths(Path in, Path out, boolean overwrite) throws IOException {
        if (Files.exists(out) && Files.isSameFile(in, out)) {
            throw new InstrumentException("input and output are the same file; the input is never overwritten");
        }
        if (Files.exists(out) && (!overwrite || !Files.isRegularFile(out))) {
            throw new InstrumentException(out + " exists already");
        }
        Path folder = out.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new InstrumentException("the folder of " + out + " does not exist");
        }
    }

    private void checkNames() {
        for (String input : options.roles().keySet()) {
            if (!spine.inputs().contains(input)) {
                throw new IllegalArgumentException(
                        "A role is given for the input '" + input + "', but forward takes " + spine.inputs());
            }
        }
    }

    InstrumentReport run() throws IOException {
        checkNames();
        Path probe = folder.resolve("probe.pt");
        file.write(probe, spine.probeCode() + spine.startCode(), null, false);
        Probed probed;
        StartFacts facts;
        try (NativeModel model = NativeModel.load(probe)) {
            NDList inputs = inputs(model.manager());
            model.checkForward(inputs);
            NDList values = model.call("adacache_probe", inputs);
            probed = spine.probed(values.stream().map(NDArray::toLongArray).toList());
            values.close();
            facts = new StartProbe(model, spine, inputs, options.latent()).facts(options.framesAxis());
            facts = packed(facts, inputs);
        }
        Files.delete(probe);
        Spine.Written written = spine.write(probed, facts.start(), facts.counts());
        Path candidate = folder.resolve("candidate.pt");
        file.write(candidate, written.code() + observed.code() + spine.contextCode(written), null, false);
        Verified verified = verified(candidate, facts, written);
        Files.delete(candidate);
        Draft draft = new Draft(written, verified);
        draft.write(verified.parts(), false);
        FrameDivision.Trial trial = new FrameDivision.Trial((manager, grown) -> calls(manager, verified, grown));
        int predictions = admitted(draft, trial);
        FrameDivision.Found parts =
                draft.parts.obstacle() == null ? draft.parts.but(trial.problem(draft.path)) : draft.parts;
        if (parts != draft.parts || options.device() != null || file.tracedElsewhere()) {
            draft.write(parts, true);
        }
        notes.add(parts.note());
        if (Thread.interrupted()) {
            throw new InstrumentException(NativeModel.INTERRUPTED);
        }
        Files.move(draft.path, out, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return verified.report(notes, predictions, draft.manifest);
    }

    /** The file as a service will have it, written anew whenever more is known of what it can do. */
    private final class Draft {
        private final Path path = folder.resolve("whole.pt");
        private final Spine.Written written;
        private final Verified verified;
        private FrameDivision.Found parts;
        private String manifest = "";

        Draft(Spine.Written written, Verified verified) {
            this.written = written;
            this.verified = verified;
            this.parts = verified.parts();
        }

        void write(FrameDivision.Found with, boolean last) throws IOException {
            parts = with;
            verified.manifest().divided(with.obstacle());
            file.write(path, written.code() + with.code(), this::manifest, last);
        }

        private String manifest(String digest) {
            manifest = verified.manifest().digest(digest).build().json();
            return manifest;
        }
    }

    /** Tries a draft; one that its methods for parts make useless without them: they are a guess that nobody must pay for. */
    private int admitted(Draft draft, FrameDivision.Trial trial) throws IOException {
        try {
            return throughTheFrontDoor(draft.path, draft.verified, trial);
        } catch (InstrumentException e) {
            if (draft.parts.obstacle() != null) {
                throw e;
            }
            draft.write(
                    FrameDivision.Found.not(
                            "with methods for a part of the frames the file cannot be used: " + Reasons.of(e)),
                    false);
            return throughTheFrontDoor(draft.path, draft.verified, trial);
        }
    }

    /** The frames of packed tokens, if the user or an input tells them. */
    private StartFacts packed(StartFacts facts, NDList inputs) {
        if (options.frames() != null) {
            return facts.packed(options.frames());
        }
        boolean row = facts.axis("width") < 0 && facts.axis("frames") < 0 && options.framesAxis() == null;
        GridFrames.Told told = row ? GridFrames.of(inputs, spine.inputs(), facts.latent(), facts.tokens()) : null;
        if (told == null) {
            return facts;
        }
        notes.add("input " + told.input() + " tells that the packed tokens are " + told.frames()
                + " frames (say otherwise with frames)");
        return facts.packed(told.frames());
    }

    /** What the methods were found to be. */
    private record Verified(
            SpineReport spine,
            CallDimensions dimensions,
            StartFacts facts,
            List<String> dynamic,
            Map<String, Integer> fixed,
            int comparisons,
            InstrumentReport.Share share,
            FrameDivision.Found parts,
            Manifest.Builder manifest) {
        NDList larger(NDList inputs, String dimension) {
            return dimensions.resized(inputs, dimension, dimensions.larger(dimension, facts));
        }

        InstrumentReport report(List<String> notes, int predictions, String json) {
            int frames = fixed.getOrDefault("frames", 0) == 1 || facts.frames() < 2 ? 0 : facts.frames();
            return new InstrumentReport(spine, dynamic, fixed, frames, notes, comparisons, predictions, share, json);
        }
    }

    /** Loads the file as a service does and generates with it, at the size of the inputs and at another one. */
    private int throughTheFrontDoor(Path whole, Verified verified, FrameDivision.Trial trial) throws IOException {
        try (TorchScriptTransformer model = TorchScriptTransformer.load(whole, Device.cpu());
                NDManager manager = model.newManager()) {
            FrontDoor door = new FrontDoor(model, notes);
            NDList inputs = inputs(manager);
            int predictions = door.check(inputs, "the size of the inputs");
            if (verified.dynamic().isEmpty()) {
                notes.add("no dimension can change, so one size was tried");
                trial.expect(model, List.of(inputs), List.of());
                return predictions;
            }
            FrontDoor.Grown grown = door.grown(inputs, verified.dynamic(), verified::larger);
            trial.expect(model, List.of(inputs, grown.inputs()), grown.dimensions());
            return predictions + door.check(grown.inputs(), "other " + String.join(", ", grown.dimensions()));
        } catch (ModelFileException | IllegalArgumentException e) {
            throw new InstrumentException("not written: a service could not use the file: " + e.getMessage(), e);
        }
    }

    /** Calls that a service could make: the inputs as they are and, where something can change, larger ones. */
    private List<NDList> calls(NDManager manager, Verified verified, List<String> grown) throws IOException {
        NDList inputs = inputs(manager);
        NDList larger = inputs;
        for (String name : grown) {
            larger = verified.larger(larger, name);
        }
        return grown.isEmpty() ? List.of(inputs) : List.of(inputs, larger);
    }

    private NDList inputs(NDManager manager) throws IOException {
        Path npz = options.verifyInputs();
        if (npz != null) {
            return CallInputs.read(npz, spine.inputs(), manager);
        }
        if (program.tracedInputs().size() != spine.inputs().size()) {
            throw new InstrumentException(
                    "the file does not tell the shapes of its inputs " + spine.inputs() + " (frozen files do not)",
                    Remedy.INPUTS);
        }
        return CallInputs.make(program.tracedInputs(), manager);
    }

    private Verified verified(Path candidate, StartFacts facts, Spine.Written written) throws IOException {
        try (NativeModel model = NativeModel.load(candidate)) {
            NDList inputs = inputs(model.manager());
            Verifier verifier = new Verifier(model, sites(found));
            int parted = verifier.compare(inputs);
            if (parted >= 0) {
                throw new InstrumentException("not written: " + where(parted), Remedy.WHOLE_CALL);
            }
            InstrumentReport.Share share = share(model, inputs);
            SpineReport report = found.withKinds(verifier.kinds(inputs, facts, notes));
            CallDimensions dimensions = new CallDimensions(spine, inputs, facts, options.roles());
            List<String> dynamic = new ArrayList<>();
            ManifestWriter writer = new ManifestWriter(options, facts, dimensions);
            Map<String, Integer> fixed = fixed(verifier, dimensions, inputs, facts, dynamic, writer);
            remarks(facts, dimensions);
            modulated(model, inputs);
            FrameDivision.Found parts =
                    new FrameDivision(spine, written, facts, dimensions).methods(model, inputs, dynamic, sites(report));
            Manifest.Builder manifest = writer.write(
                    spine,
                    Weights.of(program),
                    inputs,
                    verifier.plain(inputs).getShape().getShape(),
                    verifier.channels(inputs),
                    sites(report),
                    fixed);
            manifest.flops(new CountedCalls(observed, notes)
                    .terms(model, dimensions, inputs, facts, dynamic, sites(report), verifier.channels(inputs)));
            return new Verified(
                    report, dimensions, facts, dynamic, fixed, verifier.comparisons(), share, parts, manifest);
        }
    }

    private InstrumentReport.Share share(NativeModel model, NDList inputs) {
        int inside = found.additions();
        InstrumentReport.Share share = new InstrumentReport.Share(
                inside,
                inside + found.outside().size(),
                TimeShare.measure(model, inputs, found.sites().size()),
                new CountedCalls(observed, notes)
                        .inside(model, inputs, found.sites().size()));
        if (share.small() && !options.anyShare()) {
            throw new InstrumentException("not written: " + share
                    + ". A cache of so little is hardly one; use a whole-call policy (easycache) on the file as it is,"
                    + " give larger inputs for the verification if these are tiny, or insist (any-share)");
        }
        if (share.littleWork()) {
            notes.add("with inputs of these sizes hardly anything can be reused (see share); try larger ones");
        }
        return share;
    }

    private void modulated(NativeModel model, NDList inputs) {
        List<Integer> reading = observed.readingSites();
        int equal = new ModulatedCheck(model, reading, notes)
                .check(inputs, found.sites().size());
        notes.add("modulated was held against forward's projections: equal at " + equal + " of " + reading.size()
                + " sites");
    }

    private static List<Site> sites(SpineReport report) {
        return report.sites().stream().map(SpineReport.Found::site).toList();
    }

    private String where(int site) {
        if (site >= found.sites().size()) {
            return "embed, run and head together differ from forward";
        }
        SpineReport.Found s = found.sites().get(site);
        return "values part at site " + site + " (" + s.site().kind().id() + ", block "
                + s.site().block() + ", " + s.where() + " " + s.line() + ") when the sites are run one by one";
    }

    /** Tries every named dimension at another size; what fails, or is suspect, keeps the size of the call. */
    private Map<String, Integer> fixed(
            Verifier verifier,
            CallDimensions dimensions,
            NDList inputs,
            StartFacts facts,
            List<String> dynamic,
            ManifestWriter writer) {
        Map<String, Integer> fixed = new LinkedHashMap<>();
        Shape before = verifier.plain(inputs).getShape();
        Set<String> baked = bakedByUnread(dimensions);
        if (facts.start().behind() > 0) {
            // How many tokens lie behind the latent's is a number in the written methods.
            baked.add("text");
        }
        for (String absent : List.of("frames", "height", "width")) {
            if (facts.axis(absent) < 0) {
                fixed.put(absent, absent.equals("frames") ? facts.frames() : 1);
            }
        }
        boolean oneSample = writer.missing(before.getShape()) == 1;
        oneSample(oneSample, before);
        for (String name : DIMENSIONS) {
            Long size = dimensions.sizes().get(name);
            if (size == null) {
                continue;
            }
            int text = dimensions.roles().indexOf("text");
            boolean suspect = name.equals("text") && text >= 0 && spine.literalBehind(text, size);
            if (baked.contains(name) || (oneSample && name.equals("batch"))) {
                fixed.put(name, Math.toIntExact(size));
            } else if (suspect) {
                fixed.put(name, Math.toIntExact(size));
                notes.add("the text length " + size + " stands as a number in the code; it is taken for fixed");
            } else {
                long other = dimensions.larger(name, facts);
                NDList resized = dimensions.resized(inputs, name, other);
                if (works(verifier, resized, writer.predicted(before, name, other))
                        && follows(verifier, resized, dimensions.tokens(facts, Map.of(name, other)), name)) {
                    dynamic.add(name);
                } else {
                    fixed.put(name, Math.toIntExact(size));
                }
            }
        }
        return fixed;
    }

    /** A list has a prediction for each sample; handing back the first of several would lose the others. */
    private void oneSample(boolean oneSample, Shape prediction) {
        if (oneSample && spine.listed() > 1) {
            throw new InstrumentException(
                    "forward hands back a list of " + spine.listed() + " predictions, one for each" + " sample",
                    Remedy.STACK);
        }
        if (oneSample) {
            notes.add("the prediction " + prediction + " is that of one sample, without a dimension for the batch");
        }
    }

    /** Dimensions that an input which nothing reads stood for: its value at tracing time is part of the file. */
    private Set<String> bakedByUnread(CallDimensions dimensions) {
        Set<String> baked = new java.util.HashSet<>();
        for (String input : spine.unreadInputs()) {
            if (input.toLowerCase(java.util.Locale.ROOT).matches("t|.*(time|sigma|guidance).*")) {
                continue;
            }
            switch (dimensions.roles().get(spine.inputs().indexOf(input))) {
                case "pixel-height", "pixel-width" -> baked.addAll(List.of("height", "width"));
                case "text", "text-mask" -> baked.add("text");
                case "timestep", "fps", "class-label" -> {}
                default -> baked.addAll(List.of("frames", "height", "width", "text"));
            }
        }
        return baked;
    }

    /** Whether the hidden state has the tokens that the manifest's words give for a size. */
    private boolean follows(Verifier verifier, NDList resized, long expected, String name) {
        long tokens = verifier.tokens(resized);
        if (tokens != expected) {
            notes.add("with another " + name + " the hidden state has " + tokens + " tokens, not " + expected
                    + " as a manifest can say; " + name + " is taken for fixed");
        }
        return tokens == expected;
    }

    private boolean works(Verifier verifier, NDList resized, Shape expected) {
        try (NDArray prediction = verifier.plain(resized)) {
            if (!prediction.getShape().equals(expected)) {
                notes.add("at another size forward takes the inputs but returns " + prediction.getShape()
                        + " instead of " + expected + "; that size is part of the file");
                return false;
            }
        } catch (InstrumentException e) {
            return false;
        }
        int parted;
        try {
            parted = verifier.compare(resized);
        } catch (InstrumentException e) {
            notes.add("forward takes another size, the written methods do not: " + e.getMessage());
            return false;
        }
        if (parted >= 0) {
            notes.add("at another size values part: " + where(parted));
        }
        return parted < 0;
    }

    private void remarks(StartFacts facts, CallDimensions dimensions) {
        if (!spine.outside().isEmpty()) {
            notes.add(spine.outside().size()
                    + " residual additions are no sites, for they lie in front of the hidden state's way,"
                    + " behind it or beside it; they are computed in every step: "
                    + String.join(", ", spine.outside()));
        }
        if (facts.axis("frames") < 0 || facts.frames() < 2) {
            notes.add("no frames were found in the hidden state; motion regularisation is unavailable");
        }
        if (spine.tupled()) {
            notes.add(
                    "forward returns a tuple or list; its first tensor is taken for the prediction, and head returns that");
        }
        if (dimensions.roles().contains("other")) {
            notes.add("roles of some inputs are not known (role other); they are passed on as they are");
        }
        spine.unreadInputs()
                .forEach(
                        i -> notes.add(
                                "input " + i
                                        + " is not read: what it meant when the file was traced is part of the file, and sizes that belong to it are taken for fixed"));
        found.baked().stream()
                .filter(b -> b.startsWith("device") && options.device() == null)
                .forEach(b -> notes.add(b + ": the file runs on that device only (rewrite it with the device option)"));
    }
}
