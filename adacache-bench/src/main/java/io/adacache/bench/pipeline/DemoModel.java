package io.adacache.bench.pipeline;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** The trained demo model that this program carries. */
public final class DemoModel {
    /** What stands for it where a file would be named. */
    public static final String NAME = "demo";

    private static final String RESOURCE = "/io/adacache/bench/demo.pt";

    private DemoModel() {}

    /** Copies it out of the program, because the engine loads files only; the copy is deleted when the program ends. */
    public static Path copyOut() {
        try (InputStream in = DemoModel.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException("This program was built without the demo model");
            }
            Path folder = Files.createTempDirectory("adacache-demo");
            Path copy = folder.resolve("demo.pt");
            // Deleted in reverse order: the file, then its folder.
            folder.toFile().deleteOnExit();
            copy.toFile().deleteOnExit();
            Files.copy(in, copy);
            return copy;
        } catch (IOException e) {
            throw new IllegalStateException("The demo model cannot be copied out of the program: " + e, e);
        }
    }
}
