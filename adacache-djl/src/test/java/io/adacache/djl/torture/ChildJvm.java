package io.adacache.djl.torture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A JVM of its own for what may end a JVM: runs a main class on the tests' class path, with limits, and says how it ended.
 * Nothing of it is left behind, neither a process nor a file.
 */
public final class ChildJvm {
    private final Class<?> main;
    private final List<String> options = new ArrayList<>();
    private final List<String> arguments = new ArrayList<>();
    private final Map<String, String> variables = new HashMap<>();
    private Duration limit = Duration.ofMinutes(2);
    private String heap = "256m";

    private ChildJvm(Class<?> main) {
        this.main = main;
    }

    /**
     * How a child ended.
     *
     * @param exit its exit code; 128 + n where signal n ended it
     * @param output what it wrote to both streams
     * @param inTime whether it ended by itself, or by the signal that it was sent, within its limit
     */
    public record Ended(int exit, String output, boolean inTime) {
        /** Whether the JVM died instead of ending: a crash inside native code, or an abort. */
        public boolean crashed() {
            return exit == 128 + 6 || exit == 128 + 11 || output.contains("A fatal error has been detected");
        }

        /** Returns the number behind a word at the beginning of a line, the last one of its kind. */
        public long number(String word) {
            return output.lines()
                    .filter(line -> line.startsWith(word + " "))
                    .mapToLong(line ->
                            Long.parseLong(line.substring(word.length() + 1).strip()))
                    .reduce((first, second) -> second)
                    .orElseThrow(() -> new AssertionError("no number " + word + " in: " + output));
        }
    }

    /** Returns a child that will run a class's main method. */
    public static ChildJvm of(Class<?> main) {
        return new ChildJvm(main);
    }

    /** Sets the limit of its heap, {@code 256m} by default. */
    public ChildJvm heap(String value) {
        heap = value;
        return this;
    }

    /** Sets how long it may run, two minutes by default. */
    public ChildJvm limit(Duration value) {
        limit = value;
        return this;
    }

    /** Adds options of the JVM. */
    public ChildJvm options(String... values) {
        options.addAll(List.of(values));
        return this;
    }

    /** Adds arguments of the program. */
    public ChildJvm arguments(Object... values) {
        for (Object value : values) {
            arguments.add(value.toString());
        }
        return this;
    }

    /** Sets a variable of its environment. */
    public ChildJvm environment(String name, String value) {
        variables.put(name, value);
        return this;
    }

    /** Runs it to its end. */
    public Ended run() {
        return run(null, Duration.ZERO);
    }

    /** Runs it, and asks it to end (SIGTERM) some time after it has written a line that begins with a word. */
    public Ended terminated(String word, Duration after) {
        return run(word, after);
    }

    private Ended run(String word, Duration after) {
        Path output = null;
        try {
            output = Files.createTempFile("adacache-child", ".txt");
            ProcessBuilder builder =
                    new ProcessBuilder(command()).redirectErrorStream(true).redirectOutput(output.toFile());
            builder.environment().putAll(variables);
            Process process = builder.start();
            try {
                if (word != null) {
                    await(process, output, word);
                    process.waitFor(after.toMillis(), TimeUnit.MILLISECONDS);
                    process.destroy();
                }
                boolean inTime = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
                if (!inTime) {
                    process.destroyForcibly().waitFor();
                }
                return new Ended(process.exitValue(), read(output), inTime);
            } finally {
                process.destroyForcibly().waitFor();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        } finally {
            delete(output);
        }
    }

    private static void await(Process process, Path output, String word) throws InterruptedException {
        while (process.isAlive() && read(output).lines().noneMatch(line -> line.startsWith(word))) {
            process.waitFor(20, TimeUnit.MILLISECONDS);
        }
    }

    private static String read(Path output) {
        try {
            return new String(Files.readAllBytes(output), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path output) {
        try {
            if (output != null) {
                Files.deleteIfExists(output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> command() {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx" + heap);
        command.add("-XX:TieredStopAtLevel=1");
        command.add("-XX:-CreateCoredumpOnCrash");
        command.add("-XX:ErrorFile=/dev/null");
        for (String name : List.of(
                "ai.djl.pytorch.num_threads",
                "ai.djl.pytorch.num_interop_threads",
                "ai.djl.offline",
                "file.encoding")) {
            command.add("-D" + name + "=" + System.getProperty(name, "1"));
        }
        command.addAll(options);
        command.add("-cp");
        command.add(classPath());
        command.add(main.getName());
        command.addAll(arguments);
        return command;
    }

    private static String classPath() {
        String modules = System.getProperty("jdk.module.path", "");
        String classes = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return modules.isEmpty() ? classes : classes + java.io.File.pathSeparator + modules;
    }
}
