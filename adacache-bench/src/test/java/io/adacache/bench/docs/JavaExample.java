package io.adacache.bench.docs;

import io.adacache.AdaCache;
import io.adacache.djl.TorchScriptTransformer;
import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.lang.module.ModuleDescriptor.Exports;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** A Java example of the documentation, compiled: as statements, or else as members of a class, or else as a file of its own. */
final class JavaExample {
    private static final List<String> OTHERS = List.of(
            "ai.djl",
            "ai.djl.inference",
            "ai.djl.ndarray",
            "ai.djl.ndarray.types",
            "ai.djl.repository.zoo",
            "ai.djl.translate",
            "java.io",
            "java.nio.file",
            "java.util",
            "java.util.concurrent",
            "java.util.function",
            "org.slf4j");
    private static final JavaCompiler COMPILER = ToolProvider.getSystemJavaCompiler();
    private static final String IMPORTS = Stream.concat(
                    Stream.of(AdaCache.class, TorchScriptTransformer.class).flatMap(JavaExample::packagesBeside),
                    OTHERS.stream())
            .map(name -> "import " + name + ".*;")
            .collect(Collectors.joining("\n", "", "\n"));

    private final String imports;
    private final String body;

    JavaExample(String text) {
        imports = text.lines().filter(line -> line.startsWith("import ")).collect(Collectors.joining("\n", "", "\n"));
        body = text.lines()
                .filter(line -> !line.startsWith("import ") && !line.startsWith("package "))
                .collect(Collectors.joining("\n"));
    }

    /** Returns what the compiler says against the reading that fits best; empty if it compiles. */
    String problems(Path out) {
        if (body.strip().startsWith("module ") || body.strip().startsWith("open module ")) {
            return compile("module-info", body, out, "--module-path");
        }
        String head = "package io.adacache.bench.docs;\n" + imports + IMPORTS;
        String type = "abstract class Example extends StandIns {\n";
        String asStatements = compile(
                "Example", head + type + "void example() throws Exception {\n" + body + "\n}\n}\n", out, "-classpath");
        if (asStatements.isEmpty()
                || compile("Example", head + type + body + "\n}\n", out, "-classpath")
                        .isEmpty()) {
            return "";
        }
        String name = body.replaceFirst(
                "(?s).*?\\bpublic\\s+(?:\\w+\\s+)*?(?:class|record|interface|enum)\\s+(\\w+).*", "$1");
        String asFile = compile(name.equals(body) ? "Example" : name, head + body, out, "-classpath");
        return asFile.isEmpty() ? "" : asStatements;
    }

    /** Compiles all files of a folder, and returns what the compiler says; empty if they compile. */
    static String compile(Path folder, Path out) throws IOException {
        try (Stream<Path> files = Files.walk(folder);
                StandardJavaFileManager manager = COMPILER.getStandardFileManager(null, null, null)) {
            List<Path> sources =
                    files.filter(file -> file.toString().endsWith(".java")).toList();
            return sources.isEmpty()
                    ? "no sources in " + folder
                    : compile(manager.getJavaFileObjectsFromPaths(sources), out, "-classpath");
        }
    }

    private static String compile(String name, String text, Path out, String pathOption) {
        JavaFileObject source =
                new SimpleJavaFileObject(URI.create("string:///" + name + ".java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return text;
                    }
                };
        return compile(List.of(source), out, pathOption);
    }

    private static String compile(Iterable<? extends JavaFileObject> sources, Path out, String pathOption) {
        StringWriter messages = new StringWriter();
        List<String> options =
                List.of("-proc:none", "-nowarn", "--release", "17", "-d", out.toString(), pathOption, classPath());
        boolean compiled =
                COMPILER.getTask(messages, null, null, options, null, sources).call();
        return compiled ? "" : messages.toString();
    }

    private static String classPath() {
        return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    }

    /** The packages that the module of a class exports; all of its packages, as long as it is no module. */
    private static Stream<String> packagesBeside(Class<?> type) {
        try {
            URI place = type.getProtectionDomain().getCodeSource().getLocation().toURI();
            Stream<String> exported = ModuleFinder.of(Path.of(place)).findAll().stream()
                    .map(ModuleReference::descriptor)
                    .filter(module -> !module.isAutomatic())
                    .flatMap(module -> module.exports().stream())
                    .map(Exports::source);
            List<String> packages = exported.toList();
            return packages.isEmpty() ? packagesIn(Path.of(place)) : packages.stream();
        } catch (URISyntaxException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Stream<String> packagesIn(Path classes) throws IOException {
        try (Stream<Path> files = Files.walk(classes)) {
            return files
                    .filter(file -> file.toString().endsWith(".class"))
                    .map(file -> classes.relativize(file.getParent()).toString().replace(File.separatorChar, '.'))
                    .distinct()
                    .toList()
                    .stream();
        }
    }
}
