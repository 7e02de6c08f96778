package io.adacache.bench.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How long files and methods are, and that a public name stands for one thing, in all modules. */
class SourceSizesTest {
    private static final Path ROOT = Page.ROOT;
    private static final List<String> MODULES = List.of("core", "djl", "bench");
    private static final int MOST_LINES = 450;

    private record Method(String where, long lines) {}

    private static List<Path> sources(String module, String kind) {
        Path folder = ROOT.resolve("adacache-" + module + "/src/" + kind + "/java");
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"core", "djl", "bench"})
    void filesAreShort(String module) throws IOException {
        List<Path> all = Stream.of("main", "test")
                .flatMap(kind -> sources(module, kind).stream())
                .toList();
        List<String> longer = new ArrayList<>();
        for (Path file : all) {
            int lines = Files.readAllLines(file).size();
            if (lines > MOST_LINES) {
                longer.add(file + ": " + lines);
            }
        }
        assertThat(all).hasSizeGreaterThan(100);
        assertThat(longer).as("files of more than %d lines", MOST_LINES).isEmpty();
    }

    @ParameterizedTest(name = "{0}: {1} lines")
    @CsvSource({"core, 20", "djl, 24", "bench, 24"})
    void nineteenOfTwentyMethodsAreShort(String module, long most) throws IOException {
        List<Method> methods = new ArrayList<>();
        parse(sources(module, "main"), (file, positions) -> new TreeScanner<Void, Void>() {
            @Override
            public Void visitMethod(MethodTree method, Void nothing) {
                if (method.getBody() != null && positions.getEndPosition(file, method) > 0) {
                    long first = firstLine(file, positions, method);
                    long last = file.getLineMap().getLineNumber(positions.getEndPosition(file, method));
                    methods.add(new Method(file.getSourceFile().getName() + ":" + first, last - first + 1));
                }
                return super.visitMethod(method, nothing);
            }
        });
        assertThat(methods).hasSizeGreaterThan(300);
        long longer = methods.stream().filter(method -> method.lines > most).count();
        assertThat(longer)
                .as(
                        "of %d methods, those longer than %d lines: %s",
                        methods.size(),
                        most,
                        methods.stream()
                                .filter(method -> method.lines > most)
                                .map(method -> method.where + " " + method.lines)
                                .collect(Collectors.joining("\n", "\n", "")))
                .isLessThanOrEqualTo(methods.size() / 20);
    }

    @Test
    void noTwoPublicTypesShareAName() throws IOException {
        List<String> names = new ArrayList<>();
        List<Path> all = MODULES.stream()
                .flatMap(module -> sources(module, "main").stream())
                .toList();
        parse(all, (file, positions) -> new TreeScanner<Void, Void>() {
            @Override
            public Void visitClass(ClassTree type, Void nothing) {
                if (type.getModifiers().getFlags().contains(Modifier.PUBLIC)) {
                    names.add(type.getSimpleName().toString());
                }
                return null;
            }
        });
        assertThat(names).hasSizeGreaterThan(100).doesNotHaveDuplicates();
    }

    /** Of the declaration proper, behind its annotations. */
    private static long firstLine(CompilationUnitTree file, SourcePositions positions, MethodTree method) {
        LineMap lines = file.getLineMap();
        List<? extends AnnotationTree> annotations = method.getModifiers().getAnnotations();
        return annotations.isEmpty()
                ? lines.getLineNumber(positions.getStartPosition(file, method))
                : lines.getLineNumber(positions.getEndPosition(file, annotations.get(annotations.size() - 1))) + 1;
    }

    private interface Reading {
        TreeScanner<Void, Void> of(CompilationUnitTree file, SourcePositions positions);
    }

    private static void parse(List<Path> files, Reading reading) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
            JavacTask task = (JavacTask) compiler.getTask(
                    null, manager, null, List.of("-proc:none"), null, manager.getJavaFileObjectsFromPaths(files));
            SourcePositions positions = Trees.instance(task).getSourcePositions();
            for (CompilationUnitTree file : task.parse()) {
                file.accept(reading.of(file, positions), null);
            }
        }
    }
}
