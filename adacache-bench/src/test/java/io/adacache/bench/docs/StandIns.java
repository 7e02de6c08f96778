package io.adacache.bench.docs;

import ai.djl.Device;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.repository.zoo.Criteria;
import io.adacache.CacheSession;
import io.adacache.CacheStats;
import io.adacache.djl.TorchScriptTransformer;
import io.adacache.event.CacheListener;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Generation;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.util.List;

/**
 * What the examples of the documentation leave to their reader: a model, latents, a sampler. An example is compiled as the body of a
 * method (or as members) of a subclass, so it may hide each of these by a variable of its own. Nothing here is ever run.
 */
@SuppressWarnings({"unused", "NullAway", "initialization.fields.uninitialized"})
abstract class StandIns {
    static final int STEPS = 30;

    int steps = STEPS;
    Path file;
    Device device;
    String prompt;
    TorchScriptTransformer dit;
    TorchScriptTransformer model;
    CacheSession<NDArray> session;
    CacheStats stats;
    NDArray latents;
    NDList inputs;
    NDList conditional;
    NDList unconditional;
    List<Step> sampler;
    Scheduler scheduler;
    Criteria<NDList, NDList> criteria;
    Predictor<NDList, NDList> predictor;
    Generation generation;
    MeterRegistry registry;
    CacheListener listener;
    List<CachePolicy> policies;
    Clips clips;

    abstract NDList inputs(NDArray latents, int step);

    /** A service that makes clips. */
    interface Clips {
        float[] generate(int prompt, CacheSession<NDArray> session);
    }

    /** A service's sampler, as steps. */
    interface Step {
        NDList inputs(NDArray latents);

        NDArray advance(NDArray latents, NDArray prediction);
    }

    /** A service's sampler, as an object. */
    interface Scheduler {
        NDArray step(NDList prediction, NDArray latents);
    }
}
