package io.adacache.bench.quality;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.adacache.bench.pipeline.Clip;
import io.adacache.djl.TorchScriptTransformer;
import java.nio.file.Path;

/**
 * Quality of a clip by itself, by a network that the user brings: a TorchScript file that takes pictures {@code [frames, 3, height, width]}
 * with values from -1 to 1 and returns any numbers, whose mean is the score. Owns the network until closed.
 */
public final class Scorer implements AutoCloseable {
    private final TorchScriptTransformer network;

    private Scorer(TorchScriptTransformer network) {
        this.network = network;
    }

    /** Loads the network. Throws as {@link TorchScriptTransformer#load}. */
    public static Scorer load(Path file) {
        return new Scorer(TorchScriptTransformer.load(file, Device.cpu()));
    }

    /**
     * Returns the score of a clip.
     *
     * @throws IllegalArgumentException if the network returns no number
     */
    public double of(Clip clip) {
        try (NDManager manager = network.newManager()) {
            NDArray scores = network.predict(new NDList(Lpips.frames(clip, manager)));
            float[] values = scores.toFloatArray();
            if (values.length == 0) {
                throw new IllegalArgumentException("The scorer returned no number for a clip of " + clip.frames()
                        + " frames; it is to return one per clip or frame");
            }
            double sum = 0;
            for (float value : values) {
                sum += value;
            }
            return sum / values.length;
        }
    }

    @Override
    public void close() {
        network.close();
    }
}
