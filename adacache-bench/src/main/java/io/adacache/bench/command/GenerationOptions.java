package io.adacache.bench.command;

import io.adacache.bench.pipeline.Pipeline;
import io.adacache.bench.pipeline.TrainedModel;
import io.adacache.bench.sampler.LatentShape;
import io.adacache.djl.TorchScriptTransformer;
import java.util.List;
import picocli.CommandLine.Mixin;

/**
 * Everything that a generation needs beside its policy: model, sizes, text and sampling. The one block of options of all commands
 * that generate, so that what one of them can run all can.
 */
final class GenerationOptions {
    /** Where the options of this block are declared. */
    static final List<Class<?>> BLOCKS = List.of(
            ModelOptions.class, DeviceOptions.class, SizeOptions.class, TextOptions.class, SamplingOptions.class);

    @Mixin
    private ModelOptions model = new ModelOptions();

    @Mixin
    private SizeOptions size = new SizeOptions();

    @Mixin
    private TextOptions text = new TextOptions();

    @Mixin
    private SamplingOptions sampling = new SamplingOptions();

    /** Throws if a number cannot be right, before anything is loaded. */
    void check() {
        sampling.check();
    }

    /** Loads the model; the caller closes it. */
    TorchScriptTransformer load() {
        check();
        TorchScriptTransformer loaded = model.load();
        if (loaded.layout().isOpaque()) {
            loaded.close();
            throw new IllegalArgumentException(model.name()
                    + " is opaque: it has no manifest, so this program does not know what to give it. 'instrument --in "
                    + model.name() + " --out READY.pt' makes a file that it knows; sessions in Java take it as it is");
        }
        return loaded;
    }

    /** Returns which file the model is in, or the word for one in this program. */
    String modelFile() {
        return model.name();
    }

    /** Returns which of the program's own models it is; a file that can be prompted is taken for another demo model. */
    TrainedModel trained() {
        return model.trained().orElse(TrainedModel.DEMO);
    }

    /** Whether the user names any text. */
    boolean hasText() {
        return text.isNamed();
    }

    /** Returns the seed of the first generation; the next ones count on from it. */
    long seed() {
        return sampling.seed();
    }

    /** Returns the pipeline around a model. */
    Pipeline pipeline(TorchScriptTransformer loaded) {
        return sampling.pipeline(loaded, latent(loaded));
    }

    /** Returns the pipeline with as many steps of the sampler as make so many calls of the model at most. */
    Pipeline pipeline(TorchScriptTransformer loaded, int calls) {
        return sampling.pipeline(loaded, latent(loaded), calls);
    }

    /** Returns a pipeline for each number of steps. */
    List<Pipeline> pipelines(TorchScriptTransformer loaded) {
        return sampling.pipelines(loaded, latent(loaded));
    }

    private LatentShape latent(TorchScriptTransformer loaded) {
        return size.latent(loaded.manifest());
    }

    /** Returns what the generations show, one or more. */
    List<Subject> subjects(TorchScriptTransformer loaded, TextOptions.Unnamed unnamed) {
        return text.subjects(loaded.manifest(), latent(loaded), size.isGiven(), seed(), unnamed);
    }

    /**
     * Returns the one thing that the generation shows.
     *
     * @throws IllegalArgumentException if several are named
     */
    Subject subject(TorchScriptTransformer loaded) {
        List<Subject> all = subjects(loaded, TextOptions.Unnamed.madeUp(1));
        if (all.size() != 1) {
            throw new IllegalArgumentException("This command makes one generation, but got " + all.size() + " prompts");
        }
        return all.get(0);
    }
}
