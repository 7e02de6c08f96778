package io.adacache.bench.pipeline;

import io.adacache.bench.sampler.LatentShape;
import io.adacache.djl.Manifest;
import io.adacache.djl.Manifest.Input;
import java.util.List;

/**
 * From the last latent to a clip. A model whose latent is the clip itself (the demo model) is shown as it is; of others the first
 * three channels stand in for colours. The clips of a batch lie side by side. Immutable.
 */
public final class Decoder {
    private static final int COLOURS = 3;
    private static final List<String> AXES = List.of("batch", "channels", "frames", "height", "width");
    private static final double USUAL_FPS = 8;

    /** Latent values beyond three standard deviations of the noise are shown as black or white. */
    private static final float RANGE = 3;

    private final LatentShape latent;
    private final int[] strides;
    private final float range;
    private final double fps;

    private Decoder(LatentShape latent, int[] strides, float range, double fps) {
        this.latent = latent;
        this.strides = strides;
        this.range = range;
        this.fps = fps;
    }

    /** Returns the decoder of a model's latents. */
    static Decoder of(Manifest manifest, LatentShape latent) {
        boolean pixels = DemoSettings.has(manifest);
        return new Decoder(
                latent,
                strides(manifest.inputs().get(manifest.indexOf("latent")), latent),
                pixels ? 1 : RANGE,
                pixels ? DemoSettings.of(manifest).fps() : USUAL_FPS);
    }

    /** Elements from one index to the next, for batch, channels, frames, height and width, in the order of the model's latent. */
    private static int[] strides(Input spec, LatentShape latent) {
        long[] sizes = StepInputs.latentSizes(spec, latent);
        int[] strides = new int[AXES.size()];
        int stride = 1;
        for (int i = sizes.length - 1; i >= 0; i--) {
            int axis = AXES.indexOf(spec.shape().get(i));
            strides[axis < 0 ? 1 : axis] = stride;
            stride *= (int) sizes[i];
        }
        return strides;
    }

    /** Returns frames per second. */
    public double fps() {
        return fps;
    }

    /** Returns the clip that a latent holds. */
    public Clip decode(float[] values) {
        int wide = latent.width() * latent.batch();
        float[] shown = new float[COLOURS * latent.frames() * latent.height() * wide];
        int at = 0;
        for (int colour = 0; colour < COLOURS; colour++) {
            for (int frame = 0; frame < latent.frames(); frame++) {
                for (int row = 0; row < latent.height(); row++) {
                    for (int column = 0; column < wide; column++) {
                        shown[at++] = values[place(colour, frame, row, column)] / range;
                    }
                }
            }
        }
        return Clip.ofLatent(shown, latent.frames(), latent.height(), wide);
    }

    private int place(int colour, int frame, int row, int column) {
        return column / latent.width() * strides[0]
                + Math.min(colour, latent.channels() - 1) * strides[1]
                + frame * strides[2]
                + row * strides[3]
                + column % latent.width() * strides[4];
    }
}
