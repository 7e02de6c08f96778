package io.adacache.djl.instrument;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.adacache.djl.Manifest;
import io.adacache.djl.archive.Archive;
import io.adacache.djl.archive.ArchiveWriter;
import io.adacache.djl.instrument.graph.Probed;
import io.adacache.djl.instrument.graph.Program;
import io.adacache.djl.instrument.graph.Spine;
import io.adacache.djl.instrument.syntax.ClassDef;
import io.adacache.djl.instrument.syntax.FunctionDef;
import io.adacache.layout.ResidualKind;
import io.adacache.layout.Site;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One run of the instrumenter: probe, write, verify, and only then let the file appear. */
final class Operation {
    private static final List<String> DIMENSIONS = List.of("batch", "frames", "height", "width", "text");

    private final Archive archive;
    private final Program program;
    private final Spine spine;
    private final Path out;
    private final Path folder;
    private final InstrumentOptions options;
    private final SpineReport found;
    private final List<String> notes = new ArrayList<>();

    Operation(Archive archive, Program program, Spine spine, Path out, Path folder, InstrumentOptions options) {
        this.archive = archive;
        this.program = program;
        this.spine = spine;
        this.out = out.toAbsolutePath();
        this.folder = folder;
        this.options = options;
        this.found = Instrumenter.describe(program, spine);
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

    InstrumentReport run() throws IOException {
        Path probe = folder.resolve("probe.pt");
        write(probe, spine.probeCode() + spine.startCode(), null, false);
        Probed probed;
        StartFacts facts;
        try (NativeModel model = NativeModel.load(probe)) {
            NDList inputs = inputs(model.manager());
            NDList values = model.call("adacache_probe", inputs);
            probed = spine.probed(values.stream().map(NDArray::toLongArray).toList());
            values.close();
            facts = new StartProbe(model, spine, inputs, options.latent()).facts(options.framesAxis());
        }
        Files.delete(probe);
        Spine.Written written = spine.write(probed, facts.start());
        Path candidate = folder.resolve("candidate.pt");
        write(candidate, written.code(), null, false);
        Verified verified = verified(candidate, facts);
        Files.delete(candidate);
        Path whole = folder.resolve("whole.pt");
        List<String> manifest = new ArrayList<>();
        write(
                whole,
                written.code(),
                digest -> {
                    manifest.add(verified.manifest().digest(digest).build().json());
                    return manifest.get(0);
                },
                true);
        if (Thread.interrupted()) {
            throw new InstrumentException("interrupted; nothing was written");
        }
        Files.move(whole, out, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return verified.report().withManifest(manifest.get(0));
    }

    /** The report but for the manifest, and the manifest but for the digest, which is known when all else is written. */
    private record Verified(InstrumentReport report, Manifest.Builder manifest) {}

    private NDList inputs(NDManager manager) throws IOException {
        Path npz = options.verifyInputs();
        if (npz != null) {
            return CallInputs.read(npz, spine.inputs(), manager);
        }
        if (program.tracedInputs().size() != spine.inputs().size()) {
            throw new InstrumentException("the file does not tell the shapes of its inputs " + spine.inputs()
                    + " (frozen files do not); give inputs for the verification");
        }
        return CallInputs.make(program.tracedInputs(), manager);
    }

    private Verified verified(Path candidate, StartFacts facts) throws IOException {
        try (NativeModel model = NativeModel.load(candidate)) {
            NDList inputs = inputs(model.manager());
            Verifier verifier = new Verifier(model, sites(found));
            int parted = verifier.compare(inputs);
            if (parted >= 0) {
                throw new InstrumentException("not written: " + where(parted));
            }
            Map<Integer, ResidualKind> kinds = verifier.kinds(inputs, facts, notes);
            CallDimensions dimensions = new CallDimensions(spine, inputs, facts, options.roles());
            List<String> dynamic = new ArrayList<>();
            Map<String, Integer> fixed = fixed(verifier, dimensions, inputs, facts, dynamic);
            SpineReport spineReport = found.withKinds(kinds);
            Manifest.Builder manifest = new ManifestWriter(options, facts, dimensions)
                    .write(
                            spine,
                            Weights.of(program),
                            inputs,
                            verifier.plain(inputs).getShape().getShape(),
                            verifier.channels(inputs),
                            sites(spineReport),
                            fixed);
            remarks(facts, dimensions);
            InstrumentReport report = new InstrumentReport(
                    spineReport,
                    dynamic,
                    fixed,
                    facts.axis("frames") < 0 ? 0 : facts.frames(),
                    notes,
                    verifier.comparisons(),
                    "");
            return new Verified(report, manifest);
        }
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
            Verifier verifier, CallDimensions dimensions, NDList inputs, StartFacts facts, List<String> dynamic) {
        Map<String, Integer> fixed = new LinkedHashMap<>();
        Set<String> baked = bakedByUnread(dimensions);
        for (String absent : List.of("frames", "height", "width")) {
            if (facts.axis(absent) < 0) {
                fixed.put(absent, 1);
            }
        }
        for (String name : DIMENSIONS) {
            Long size = dimensions.sizes().get(name);
            if (size == null) {
                continue;
            }
            int patch =
                    switch (name) {
                        case "frames" -> facts.patch()[0];
                        case "height" -> facts.patch()[1];
                        case "width" -> facts.patch()[2];
                        default -> 1;
                    };
            int text = dimensions.roles().indexOf("text");
            boolean suspect = name.equals("text") && text >= 0 && spine.literalBehind(text, size);
            if (baked.contains(name)) {
                fixed.put(name, Math.toIntExact(size));
            } else if (suspect) {
                fixed.put(name, Math.toIntExact(size));
                notes.add("the text length " + size + " stands as a number in the code; it is taken for fixed");
            } else if (follows(verifier, dimensions, inputs, name, size + patch, facts)
                    && works(verifier, dimensions.resized(inputs, name, size + patch))) {
                dynamic.add(name);
            } else {
                fixed.put(name, Math.toIntExact(size));
            }
        }
        return fixed;
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

    /** Whether forward takes another size, and its prediction has that size where the latent has it. */
    private static boolean follows(
            Verifier verifier, CallDimensions dimensions, NDList inputs, String name, long size, StartFacts facts) {
        try (NDArray plain = verifier.plain(inputs);
                NDArray other = verifier.plain(dimensions.resized(inputs, name, size))) {
            long[] expected = plain.getShape().getShape();
            int axis = dimensions.shapes().get(facts.latent()).indexOf(name);
            if (axis >= 0
                    && axis < expected.length
                    && expected[axis] == dimensions.sizes().get(name)) {
                expected = expected.clone();
                expected[axis] = size;
            }
            return Arrays.equals(expected, other.getShape().getShape());
        } catch (InstrumentException e) {
            return false;
        }
    }

    private boolean works(Verifier verifier, NDList resized) {
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
            notes.add("forward hands its prediction back inside a tuple; head returns it as it is");
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

    private void write(Path target, String methods, @Nullable UnaryOperator<String> manifest, boolean last)
            throws IOException {
        ClassDef root = program.rootClass();
        Map<String, byte[]> changed = new LinkedHashMap<>();
        Set<String> dropped = new java.util.HashSet<>();
        boolean elsewhere = spine.baked().keySet().stream().anyMatch(b -> b.startsWith("device torch.device(\"cuda"));
        String device = last ? options.device() : elsewhere ? "cpu" : null;
        program.files().values().forEach(file -> {
            String text = file.name().equals(root.file()) ? withMethods(file.text(), root, methods) : file.text();
            String rewritten = device == null
                    ? text
                    : text.replaceAll("torch\\.device\\(\"[a-z]+(:[0-9]+)?\"\\)", "torch.device(\"" + device + "\")");
            if (!rewritten.equals(file.text())) {
                changed.put(file.name(), rewritten.getBytes(StandardCharsets.UTF_8));
                dropped.add(file.name() + ".debug_pkl");
            }
        });
        if (manifest == null) {
            ArchiveWriter.copy(archive, target, changed, dropped);
        } else {
            ArchiveWriter.copy(archive, target, changed, dropped, manifest);
        }
    }

    /** The file's text with the methods behind the root class's own; forward's text stays as it is. */
    private String withMethods(String text, ClassDef root, String methods) {
        int at = root.end() < text.length() && text.charAt(root.end()) == '\n' ? root.end() + 1 : root.end();
        String before = text.substring(0, at);
        String behind = (before.endsWith("\n") ? "" : "\n") + methods + text.substring(at);
        List<FunctionDef> replaced = new ArrayList<>(spine.replaced());
        replaced.sort(java.util.Comparator.comparingInt(FunctionDef::start).reversed());
        for (FunctionDef method : replaced) {
            int end = Math.min(method.end(), before.length());
            before = before.substring(0, method.start()) + before.substring(end);
        }
        return before + behind;
    }

    static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.deleteIfExists(file);
            }
        }
        Files.deleteIfExists(folder);
    }
}
