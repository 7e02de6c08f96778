package io.adacache.djl;

import io.adacache.djl.archive.Archive;
import io.adacache.djl.archive.ArchiveException;
import io.adacache.djl.instrument.syntax.ClassDef;
import io.adacache.djl.instrument.syntax.FunctionDef;
import io.adacache.djl.instrument.syntax.SourceFile;
import io.adacache.djl.instrument.syntax.SyntaxException;
import io.adacache.layout.ResidualKind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The methods that a file's root module has, read from its code: nothing is run, and the methods' bodies are not looked at.
 */
final class Signatures {
    private static final int MAX_CODE = 64 << 20;
    private static final String LIST = "List[Tensor]";
    private static final Map<String, List<String>> FIXED = Map.of(
            "run", List.of("int", "int", "List[int]", "Tensor", LIST, LIST),
            "modulated", List.of("int", "Tensor", LIST, "Tensor"),
            "head", List.of("Tensor", LIST, "Tensor"));
    private static final Map<String, List<String>> PARTS =
            Map.of("part", List.of("int", "int", "int", "Tensor", LIST, "Tuple[Tensor, " + LIST + "]"));
    private static final Map<String, List<String>> JOINT_PARTS = Map.of(
            "share", List.of("int", "Tensor", LIST, "Tensor"),
            "run_shared", List.of("int", "Tensor", "Tensor", LIST, LIST));

    private final Map<String, FunctionDef> methods;

    private Signatures(Map<String, FunctionDef> methods) {
        this.methods = methods;
    }

    /**
     * Reads them.
     *
     * @param rootClass qualified name of the root module's class, as {@code data.pkl} gives it
     * @throws ArchiveException if the class has no code, or its methods' heads cannot be read
     */
    static Signatures read(Archive archive, String rootClass) throws IOException {
        int dot = rootClass.lastIndexOf('.');
        String file = "code/" + rootClass.substring(0, Math.max(0, dot)).replace('.', '/') + ".py";
        String name = rootClass.substring(dot + 1);
        String text = new String(archive.read(file, MAX_CODE), StandardCharsets.UTF_8);
        try {
            ClassDef def = SourceFile.parse(file, heads(text, name)).classes().get(name);
            if (def == null) {
                throw new ArchiveException("the root class " + rootClass + " has no code");
            }
            return new Signatures(def.methods());
        } catch (SyntaxException e) {
            throw new ArchiveException("the methods of " + rootClass + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** The class with the heads of its methods alone, as TorchScript prints them. */
    private static String heads(String text, String name) {
        StringBuilder heads = new StringBuilder();
        boolean inside = false;
        boolean head = false;
        for (String line : (Iterable<String>) text.lines()::iterator) {
            if (!line.isEmpty() && line.charAt(0) != ' ') {
                inside = line.matches("class " + name + "\\b.*");
                heads.append(inside ? "class " + name + "(Module):\n" : "");
            }
            head |= inside && line.startsWith("  def ");
            if (head) {
                heads.append(line).append('\n');
                if (line.endsWith(":")) {
                    heads.append("    pass\n");
                    head = false;
                }
            }
        }
        return heads.toString();
    }

    /** What only some files have: the same arguments as embed's, and a context. */
    private static final String AGAIN = "embed_again";

    /** The methods that a manifest promises and the module lacks. */
    List<String> missing(Manifest manifest) {
        List<String> names = new ArrayList<>(List.of("forward", "embed", "run", "modulated", "head"));
        names.addAll(ofParts(manifest).keySet());
        if (Embeddings.again(manifest)) {
            names.add(AGAIN);
        }
        return names.stream().filter(name -> !methods.containsKey(name)).toList();
    }

    /** Whether the module has a method. */
    boolean has(String name) {
        return methods.containsKey(name);
    }

    private static Map<String, List<String>> ofParts(Manifest manifest) {
        Map<String, List<String>> types = new TreeMap<>();
        if (manifest.contract() >= Manifest.PARTS) {
            types.putAll(PARTS);
            if (manifest.layout().sites().stream().anyMatch(site -> site.kind() == ResidualKind.JOINT_ATTENTION)) {
                types.putAll(JOINT_PARTS);
            }
        }
        return types;
    }

    /** What about the methods does not go with a manifest; empty if all does. */
    List<String> problems(Manifest manifest) {
        List<String> problems = new ArrayList<>();
        Map<String, List<String>> fixed = new TreeMap<>(FIXED);
        fixed.putAll(ofParts(manifest));
        fixed.forEach((name, types) -> {
            if (!types(name).equals(types)) {
                problems.add(name + " has the types " + types(name) + ", the contract " + types);
            }
        });
        for (String name : List.of("forward", "embed")) {
            checkInputs(name, manifest, problems);
        }
        String embedded = returned(method("embed"));
        if (!embedded.equals("Tuple[Tensor, " + LIST + "]")) {
            problems.add("embed returns " + embedded + ", the contract a tensor and a list of tensors");
        }
        if (Embeddings.again(manifest)) {
            List<String> types = new ArrayList<>(types("embed"));
            types.add(types.size() - 1, LIST);
            if (!types(AGAIN).equals(types)) {
                problems.add(AGAIN + " has the types " + types(AGAIN) + ", the contract " + types);
            }
        }
        return problems;
    }

    /** A method that was found not to be missing. */
    private FunctionDef method(String name) {
        return Objects.requireNonNull(methods.get(name), name);
    }

    private void checkInputs(String name, Manifest manifest, List<String> problems) {
        List<FunctionDef.Parameter> parameters = parameters(method(name));
        List<String> names =
                parameters.stream().map(FunctionDef.Parameter::name).toList();
        List<String> wanted =
                manifest.inputs().stream().map(Manifest.Input::name).toList();
        // Names are forward's; embed takes the same tensors, under names of its own if it likes.
        boolean same = name.equals("forward") ? names.equals(wanted) : names.size() == wanted.size();
        if (!same) {
            problems.add(name + " takes " + names + ", the manifest names " + wanted);
        }
        parameters.stream()
                .filter(p -> !p.isTensor() && !type(p).equals("Optional[Tensor]"))
                .forEach(p -> problems.add(name + " takes a " + type(p) + " as '" + p.name() + "', not a tensor"));
    }

    /** The types of a method's parameters, then the type of what it returns. */
    private List<String> types(String name) {
        FunctionDef method = method(name);
        List<String> types = new ArrayList<>();
        parameters(method).forEach(p -> types.add(type(p)));
        types.add(returned(method));
        return types;
    }

    private static List<FunctionDef.Parameter> parameters(FunctionDef method) {
        return method.parameters().subList(1, method.parameters().size());
    }

    private static String type(FunctionDef.Parameter parameter) {
        return parameter.type() == null ? "Tensor" : parameter.type().toString();
    }

    private static String returned(FunctionDef method) {
        return method.returns() == null ? "Tensor" : method.returns().toString();
    }
}
