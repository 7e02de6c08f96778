package io.adacache.bench.pipeline;

import io.adacache.bench.sampler.Ddim;
import io.adacache.bench.sampler.Ddpm;
import io.adacache.bench.sampler.FlowEuler;
import io.adacache.bench.sampler.FlowUniPc;
import io.adacache.bench.sampler.LatentShape;
import io.adacache.bench.sampler.Pndm;
import io.adacache.bench.sampler.PredictionType;
import io.adacache.bench.sampler.RectifiedFlow;
import io.adacache.bench.sampler.Sampler;
import io.adacache.bench.sampler.Timesteps;
import io.adacache.djl.Manifest;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How a model is sampled unless the user says otherwise: as published where its family is known, else by what it predicts.
 *
 * @param sampler one of {@link #SAMPLERS}
 * @param steps steps of the sampler, which may make more calls
 * @param shift of the noise levels, for samplers whose name begins with {@code flow-}; 1 for all others
 */
public record Recipe(String sampler, int steps, float shift) {
    private static final String FLOW = "rectified-flow";
    private static final String SHIFTED = "flow-";
    private static final String EULER = "flow-euler";
    private static final String UNI_PC = "flow-unipc";
    private static final String OPEN_SORA_FLOW = "rectified-flow-transformed";
    private static final String DDIM = "ddim";
    private static final String PNDM = "pndm";

    /** Names of the samplers, and what they are. */
    public static final Map<String, String> SAMPLERS = samplers();

    private static final Map<String, String> PUBLISHED =
            Map.of("open-sora", OPEN_SORA_FLOW, "latte", DDIM, "open-sora-plan", PNDM, "latte-class", "ddpm");

    private static final int USUAL_STEPS = 50;
    /** Open-Sora's autoencoder makes 5 latent frames of 17. */
    private static final int FRAMES = 17;

    private static final int LATENT_FRAMES = 5;

    private static Map<String, String> samplers() {
        Map<String, String> all = new LinkedHashMap<>();
        all.put(FLOW, "Euler steps along the velocity, evenly spaced");
        all.put(OPEN_SORA_FLOW, "the same with Open-Sora's timestep transform");
        all.put(EULER, "Euler steps over shifted noise levels");
        all.put(UNI_PC, "UniPC of second order over shifted noise levels, as in Wan's pipelines");
        all.put(DDIM, "DDIM, eta 0, as in Latte's text-to-video pipeline");
        all.put("ddim-even", "DDIM, eta 0, timesteps 999 to 0 as in class-conditional Latte");
        all.put(PNDM, "PNDM with Runge-Kutta warm-up: nine calls more than steps");
        all.put("ddpm", "ancestral sampling, learned variance where the model predicts one");
        return all;
    }

    /** Creates a recipe without a shift. */
    public Recipe(String sampler, int steps) {
        this(sampler, steps, 1);
    }

    /** Whether a sampler follows the straight way from noise to clean; the others take away predicted noise. */
    private static boolean isFlow(String name) {
        return name.startsWith(FLOW) || name.startsWith(SHIFTED);
    }

    /** Returns the recipe for a model: what its manifest says of sampling, else what is published of its family. */
    public static Recipe of(Manifest manifest) {
        Sampling sampling = Sampling.of(manifest);
        Recipe usual = usual(manifest);
        Recipe own = sampling.sampler() == null ? usual : usual.with(sampling.sampler());
        return own.sampler.startsWith(SHIFTED) ? own.shifted(sampling.shift()) : own;
    }

    private static Recipe usual(Manifest manifest) {
        boolean noise = manifest.prediction().type().equals("noise");
        String sampler = PUBLISHED.getOrDefault(manifest.family(), noise ? DDIM : FLOW);
        if (noise == isFlow(sampler) || DemoSettings.has(manifest)) {
            // A model of a known shape, trained for something else.
            sampler = noise ? DDIM : FLOW;
        }
        int calls = manifest.steps() > 0 ? manifest.steps() : USUAL_STEPS;
        return new Recipe(sampler, sampler.equals(PNDM) ? calls - Pndm.MORE_CALLS : calls);
    }

    /** Returns this recipe with another sampler. */
    public Recipe with(String otherSampler) {
        return new Recipe(otherSampler, steps, otherSampler.startsWith(SHIFTED) ? shift : 1);
    }

    /** Returns this recipe with another number of steps. */
    public Recipe with(int otherSteps) {
        return new Recipe(sampler, otherSteps, shift);
    }

    /**
     * Returns this recipe with another shift of the noise levels.
     *
     * @throws IllegalArgumentException if the sampler has none
     */
    public Recipe shifted(float otherShift) {
        if (!sampler.startsWith(SHIFTED)) {
            throw new IllegalArgumentException("The sampler '" + sampler + "' has no shift; " + EULER + " and " + UNI_PC
                    + " have, for models that predict velocity, flow or clean");
        }
        return new Recipe(sampler, steps, otherShift);
    }

    /**
     * Makes the sampler.
     *
     * @param latent sizes of the latent
     * @param height of the clip in pixels
     * @param width of the clip in pixels
     * @throws IllegalArgumentException if the name is unknown, or the model predicts something else than the sampler needs
     */
    public Sampler make(Manifest manifest, LatentShape latent, float height, float width) {
        String predicts = manifest.prediction().type();
        if (!SAMPLERS.containsKey(sampler)) {
            throw new IllegalArgumentException("Unknown sampler '" + sampler + "'; known: " + SAMPLERS.keySet());
        }
        if (predicts.equals("noise") == isFlow(sampler)) {
            throw new IllegalArgumentException("The sampler '" + sampler + "' does not go with a model that predicts "
                    + predicts + "; choose " + (predicts.equals("noise") ? "ddim, pndm or ddpm" : FLOW));
        }
        return switch (sampler) {
            case FLOW -> new RectifiedFlow(Timesteps.linear(steps), PredictionType.of(predicts), latent);
            case OPEN_SORA_FLOW -> {
                // The transform counts whole groups of frames.
                int groups = Math.max(1, latent.frames() / LATENT_FRAMES);
                int frames = latent.frames() == 1 ? 1 : groups * FRAMES;
                yield new RectifiedFlow(
                        Timesteps.transformed(steps, height, width, frames), PredictionType.of(predicts), latent);
            }
            case EULER -> new FlowEuler(steps, shift, PredictionType.of(predicts));
            case UNI_PC -> new FlowUniPc(steps, shift, PredictionType.of(predicts));
            case DDIM -> Ddim.leading(steps);
            case "ddim-even" -> Ddim.even(steps);
            case PNDM -> new Pndm(steps);
            default -> new Ddpm(steps);
        };
    }
}
