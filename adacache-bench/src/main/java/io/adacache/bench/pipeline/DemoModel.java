package io.adacache.bench.pipeline;

import java.nio.file.Path;

/** The trained model that is taken where none is named. */
public final class DemoModel {
    private DemoModel() {}

    /** Copies it out of the program, because the engine loads files only; the copy is deleted when the program ends. */
    public static Path copyOut() {
        return TrainedModel.DEMO.copyOut();
    }
}
