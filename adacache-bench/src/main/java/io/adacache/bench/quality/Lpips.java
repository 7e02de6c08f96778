package io.adacache.bench.quality;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.adacache.bench.pipeline.Clip;
import io.adacache.djl.TorchScriptTransformer;
import java.nio.file.Path;

/**
 * Learned perceptual distance, by a network that the user brings: a TorchScript file that takes two batches of pictures {@code [N, 3,
 * height, width]} with values from -1 to 1 and returns one distance each, in any shape. Owns the network until closed.
 *
 * <p>Source: Zhang et al., <em>The unreasonable effectiveness of deep features as a perceptual metric</em>, 2018. With the
 * {@code lpips} package: {@code torch.jit.trace(lpips.LPIPS(net="alex"), (a, b)).save("lpips.pt")}.
 */
public final class Lpips implements AutoCloseable {
    private static final int COLOURS = 3;

    private final TorchScriptTransformer network;

    private Lpips(TorchScriptTransformer network) {
        this.network = network;
    }

    /** Loads the network. Throws as {@link TorchScriptTransformer#load}. */
    public static Lpips load(Path file) {
        return new Lpips(TorchScriptTransformer.load(file, Device.cpu()));
    }

    /** Returns the mean distance over frames; 0 for equal clips. */
    public double of(Clip clip, Clip reference) {
        try (NDManager manager = network.newManager()) {
            NDArray distances = network.predict(new NDList(frames(clip, manager), frames(reference, manager)));
            double sum = 0;
            float[] values = distances.toFloatArray();
            for (float value : values) {
                sum += value;
            }
            return sum / values.length;
        }
    }

    /** Returns frames {@code [N, 3, height, width]}, -1 to 1. */
    static NDArray frames(Clip clip, NDManager manager) {
        int picture = clip.height() * clip.width();
        float[] values = new float[clip.values().length];
        for (int frame = 0; frame < clip.frames(); frame++) {
            for (int colour = 0; colour < COLOURS; colour++) {
                for (int i = 0; i < picture; i++) {
                    values[(frame * COLOURS + colour) * picture + i] =
                            2 * clip.values()[(colour * clip.frames() + frame) * picture + i] - 1;
                }
            }
        }
        return manager.create(values, new Shape(clip.frames(), COLOURS, clip.height(), clip.width()));
    }

    @Override
    public void close() {
        network.close();
    }
}
