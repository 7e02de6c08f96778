package io.adacache.bench.pipeline;

import io.adacache.bench.files.Resources;
import java.nio.file.Path;

/** The trained demo model that this program carries. */
public final class DemoModel {
    /** What stands for it where a file would be named. */
    public static final String NAME = "demo";

    private static final String RESOURCE = "/io/adacache/bench/demo.pt";

    private DemoModel() {}

    /** Copies it out of the program, because the engine loads files only; the copy is deleted when the program ends. */
    public static Path copyOut() {
        return Resources.copyOut(RESOURCE);
    }
}
