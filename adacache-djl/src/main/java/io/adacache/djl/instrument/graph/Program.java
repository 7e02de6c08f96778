package io.adacache.djl.instrument.graph;

import io.adacache.djl.archive.Archive;
import io.adacache.djl.archive.ArchiveException;
import io.adacache.djl.archive.PickleReader;
import io.adacache.djl.archive.PickledObject;
import io.adacache.djl.archive.Tensor;
import io.adacache.djl.instrument.syntax.ClassDef;
import io.adacache.djl.instrument.syntax.FunctionDef;
import io.adacache.djl.instrument.syntax.SourceFile;
import io.adacache.djl.instrument.syntax.SyntaxException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The parsed code of an archive with its root object and constants. Immutable once read. */
public final class Program {
    private static final int MAX_FILE = 64 << 20;
    private static final long MAX_CODE = 64L << 20;
    private static final int MAX_PICKLE = 64 << 20;

    private final Map<String, SourceFile> files;
    private final PickledObject root;
    private final List<?> constants;
    private final List<Tensor> tracedInputs;
    private final boolean ready;

    private Program(
            Map<String, SourceFile> files,
            PickledObject root,
            List<?> constants,
            List<Tensor> tracedInputs,
            boolean ready) {
        this.files = files;
        this.root = root;
        this.constants = constants;
        this.tracedInputs = tracedInputs;
        this.ready = ready;
    }

    /**
     * Reads code and layout of an archive.
     *
     * @throws ArchiveException if it is damaged or no TorchScript module
     * @throws SyntaxException if its code is not in the known language
     */
    public static Program read(Archive archive) throws IOException {
        Map<String, SourceFile> files = new LinkedHashMap<>();
        long total = 0;
        for (String name : archive.entries().keySet()) {
            if (name.startsWith("code/") && name.endsWith(".py")) {
                byte[] text = archive.read(name, MAX_FILE);
                total += text.length;
                if (total > MAX_CODE) {
                    throw new ArchiveException("more than " + MAX_CODE + " bytes of code");
                }
                if (new String(text, StandardCharsets.ISO_8859_1).contains("from_file")) {
                    throw new ArchiveException(name + " opens files; no model needs that");
                }
                String qualifier = name.substring(5, name.length() - 3).replace('/', '.');
                files.put(qualifier, SourceFile.parse(name, new String(text, StandardCharsets.UTF_8)));
            }
        }
        if (!(PickleReader.read(archive, "data", MAX_PICKLE) instanceof PickledObject root)) {
            throw new ArchiveException("data.pkl holds no module");
        }
        Object constants = archive.entries().containsKey("constants.pkl")
                ? PickleReader.read(archive, "constants", MAX_PICKLE)
                : List.of();
        boolean ready = archive.entries().containsKey(Archive.MANIFEST);
        return new Program(files, root, constants instanceof List<?> l ? l : List.of(), traced(archive), ready);
    }

    private static List<Tensor> traced(Archive archive) throws IOException {
        List<Tensor> tensors = new ArrayList<>();
        if (archive.entries().containsKey("traced_inputs.pkl")
                && PickleReader.readShapes(archive, "traced_inputs", MAX_PICKLE) instanceof Map<?, ?> map
                && map.get("forward") instanceof List<?> inputs) {
            for (Object input : inputs) {
                if (!(input instanceof Tensor tensor)) {
                    return List.of();
                }
                tensors.add(tensor);
            }
        }
        return tensors;
    }

    /** The module that the archive holds. */
    public PickledObject root() {
        return root;
    }

    /** The root module's class. */
    public ClassDef rootClass() {
        ClassDef def = findClass(root.type());
        if (def == null) {
            throw new NotUnderstood("the root class " + root.type() + " has no code in this archive");
        }
        return def;
    }

    /** Whether the archive carries a manifest already. */
    boolean ready() {
        return ready;
    }

    /** The inputs that the tracer kept in the archive, or none. */
    public List<Tensor> tracedInputs() {
        return tracedInputs;
    }

    /** The inputs that the tracer kept, by the names of forward's parameters; empty if they are not known. */
    Map<String, Tensor> tracedByName() {
        FunctionDef forward = rootClass().methods().get("forward");
        Map<String, Tensor> named = new LinkedHashMap<>();
        if (forward != null && forward.parameters().size() == tracedInputs.size() + 1) {
            for (int i = 0; i < tracedInputs.size(); i++) {
                named.put(forward.parameters().get(i + 1).name(), tracedInputs.get(i));
            }
        }
        return named;
    }

    /** What {@code CONSTANTS.c0} and following are. */
    public List<?> constants() {
        return constants;
    }

    @Nullable
    ClassDef findClass(String qualified) {
        SourceFile file = fileOf(qualified);
        return file == null ? null : file.classes().get(simple(qualified));
    }

    @Nullable
    FunctionDef findFunction(String qualified) {
        SourceFile file = fileOf(qualified);
        return file == null ? null : file.functions().get(simple(qualified));
    }

    /** The text of the file in which a definition stands. */
    public String textOf(String file) {
        return files.values().stream()
                .filter(f -> f.name().equals(file))
                .findFirst()
                .orElseThrow()
                .text();
    }

    /** All files by their dotted name. */
    public Map<String, SourceFile> files() {
        return files;
    }

    private @Nullable SourceFile fileOf(String qualified) {
        int dot = qualified.lastIndexOf('.');
        return dot < 0 ? null : files.get(qualified.substring(0, dot));
    }

    private static String simple(String qualified) {
        return qualified.substring(qualified.lastIndexOf('.') + 1);
    }
}
