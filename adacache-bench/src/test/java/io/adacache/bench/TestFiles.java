package io.adacache.bench;

import java.nio.file.Path;

/** Files of the neighbouring module that tests here use as well. */
public final class TestFiles {
    private static final Path RESOURCES =
            Path.of("..", "adacache-djl", "src", "test", "resources", "io", "adacache", "djl");

    /** A tiny Open-Sora with random weights. */
    public static final Path OPEN_SORA = RESOURCES.resolve("models/open-sora-tiny.pt");

    /** A TorchScript file without manifest. */
    public static final Path OPAQUE = RESOURCES.resolve("models/opaque.pt");

    /** Recordings of the authors' code on that model. */
    public static final Path RECORDINGS = RESOURCES.resolve("recordings/stdit3-tiny");

    private TestFiles() {}

    /** Returns a tiny model, or the manifest of one of published size. */
    public static Path model(String name) {
        return RESOURCES.resolve("models").resolve(name);
    }

    /** Returns the recorded calls of a tiny model. */
    public static Path recordings(String name) {
        return RESOURCES.resolve("recordings").resolve(name);
    }
}
