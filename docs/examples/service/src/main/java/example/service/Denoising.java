package example.service;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.adacache.CacheSession;
import io.adacache.CacheStats;
import io.adacache.djl.TorchScriptTransformer;
import java.nio.file.Path;
import java.util.Random;

/** The heart of a service: one model, loaded once and shared, and a session per generation. Thread-safe. */
public final class Denoising implements AutoCloseable {
    private static final int STEPS = 30;
    private static final int CHANNELS = 4;

    private final TorchScriptTransformer dit;

    /** Loads an Open-Sora file onto the CPU. */
    public Denoising(Path file) {
        dit = TorchScriptTransformer.load(file, Device.cpu());
    }

    /** Denoises one latent and returns what was computed and what was reused. */
    public CacheStats generate(String policy) {
        try (NDManager manager = dit.newManager();
                CacheSession<NDArray> session = dit.begin(policy, STEPS)) {
            NDArray latent = noise(manager, new Shape(2, CHANNELS, 8, 8, 8));
            NDArray text = noise(manager, new Shape(2, 1, 12, 32));
            for (int step = 0; step < STEPS; step++) {
                float timestep = 1000f * (STEPS - step) / STEPS;
                NDArray prediction = session.step(inputs(manager, latent, text, timestep));
                NDArray velocity = prediction.get(":, :" + CHANNELS);
                latent = latent.add(velocity.div(STEPS));
                // The prediction is the caller's to free, at the latest with the manager.
                prediction.close();
            }
            return session.stats();
        }
    }

    /** The inputs of the manifest, in its order; an empty array stands for an optional one that is absent. */
    private static NDList inputs(NDManager manager, NDArray latent, NDArray text, float timestep) {
        return new NDList(
                latent,
                manager.create(new float[] {timestep, timestep}),
                text,
                manager.create(new Shape(0), DataType.INT64),
                manager.create(new Shape(0), DataType.FLOAT32),
                manager.create(new float[] {24}),
                manager.create(new float[] {64}),
                manager.create(new float[] {64}));
    }

    private static NDArray noise(NDManager manager, Shape shape) {
        Random random = new Random(1);
        float[] values = new float[(int) shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return manager.create(values, shape);
    }

    @Override
    public void close() {
        dit.close();
    }
}
