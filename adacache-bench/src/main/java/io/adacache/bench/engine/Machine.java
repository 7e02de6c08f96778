package io.adacache.bench.engine;

import ai.djl.engine.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What this program runs on, for reports. */
public final class Machine {
    private Machine() {}

    /** Returns processor and number of cores. */
    public static String processor() {
        String model = System.getProperty("os.arch");
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            model = lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).trim())
                    .findFirst()
                    .orElse(model);
        } catch (IOException | RuntimeException e) {
            // Another system: the architecture has to do.
        }
        return model + ", " + Runtime.getRuntime().availableProcessors() + " cores visible";
    }

    /** Returns operating system, Java and engine. */
    public static String software() {
        return System.getProperty("os.name") + " " + System.getProperty("os.version") + ", Java "
                + System.getProperty("java.version") + ", DJL " + Engine.getDjlVersion() + ", PyTorch "
                + Engine.getEngine("PyTorch").getVersion();
    }
}
