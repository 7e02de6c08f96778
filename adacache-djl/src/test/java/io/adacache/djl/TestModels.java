package io.adacache.djl;

import ai.djl.Device;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;

/** The small model files of the tests, and inputs for them. */
public final class TestModels {
    /** The file of most tests. */
    public static final String OPEN_SORA = "open-sora-tiny.pt";

    /** A file of someone else's, without manifest. */
    public static final String OPAQUE = "opaque.pt";

    /** An opaque file that takes a latent of twelve channels and predicts four. */
    public static final String IMAGE = "image.pt";

    /** A file with manifest and a few hundred weights. */
    public static final String SMALL = "small.pt";

    private TestModels() {}

    /** Returns a model file of the tests. */
    public static Path file(String name) {
        return resource("models/" + name);
    }

    /** Returns a traced file of the tests, without manifest. */
    public static Path traced(String name) {
        return resource("/traced/" + name);
    }

    /** Inputs for any file with a manifest, of its smallest size; the latent is made of a seed. */
    public static NDList madeUp(Manifest manifest, NDManager manager, long seed) {
        NDList inputs = MadeUpInputs.of(manifest, MadeUpInputs.small(manifest), manager);
        Shape latent = inputs.get(manifest.indexOf("latent")).getShape();
        inputs.set(manifest.indexOf("latent"), manager.create(noise(seed, Math.toIntExact(latent.size())), latent));
        return inputs;
    }

    static Path resource(String name) {
        try {
            return Path.of(TestModels.class.getResource(name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Loads a model file of the tests. */
    public static TorchScriptTransformer load(String name) {
        return TorchScriptTransformer.load(file(name), Device.cpu());
    }

    /** Returns the number of arrays and contexts that a model has made and nobody has freed or taken over. */
    public static int live(TorchScriptTransformer model) {
        return model.live();
    }

    /** Inputs of a file of the tests, made of one seed. */
    public static NDList inputs(String name, NDManager manager, long seed) {
        return switch (name) {
            case OPAQUE -> opaque(manager, seed, 2, 4, 3, 4, 4);
            case IMAGE -> opaque(manager, seed, 2, 12, 3, 4, 4);
            case SMALL -> small(manager, seed, 2, 3, 4, 4, 5);
            default -> openSora(manager, seed, 500);
        };
    }

    /** Inputs of the small file. */
    public static NDList small(NDManager manager, long seed, int rows, int frames, int height, int width, int text) {
        NDList inputs = opaque(manager, seed, rows, 4, frames, height, width);
        inputs.add(manager.create(noise(seed + 1, rows * text * 8), new Shape(rows, text, 8)));
        return inputs;
    }

    /** Inputs of the opaque files: a latent and timesteps. */
    public static NDList opaque(
            NDManager manager, long seed, int rows, int channels, int frames, int height, int width) {
        float[] timesteps = new float[rows];
        Arrays.fill(timesteps, 500);
        return new NDList(
                manager.create(
                        noise(seed, rows * channels * frames * height * width),
                        new Shape(rows, channels, frames, height, width)),
                manager.create(timesteps));
    }

    /** Inputs of the Open-Sora file: a guidance batch of two, made of one seed. */
    public static NDList openSora(NDManager manager, long seed, double timestep) {
        return openSora(manager, seed, timestep, 8, 8, 8);
    }

    /** Inputs of the Open-Sora file of a size. */
    public static NDList openSora(NDManager manager, long seed, double timestep, int frames, int height, int width) {
        return new NDList(
                manager.create(noise(seed, 2 * 4 * frames * height * width), new Shape(2, 4, frames, height, width)),
                manager.create(new float[] {(float) timestep, (float) timestep}),
                manager.create(noise(seed + 1, 2 * 12 * 32), new Shape(2, 1, 12, 32)),
                manager.create(new Shape(0), DataType.INT64),
                manager.create(new Shape(0), DataType.FLOAT32),
                manager.create(new float[] {24}),
                manager.create(new float[] {64}),
                manager.create(new float[] {64}));
    }

    /** Returns seeded noise. */
    public static float[] noise(long seed, int count) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }
}
