package io.adacache.bench.pipeline;

import io.adacache.bench.sampler.Ddim;
import io.adacache.bench.sampler.Ddpm;
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
 */
public record Recipe(String sampler, int steps) {
    private static final String FLOW = "rectified-flow";
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
        all.put(DDIM, "DDIM, eta 0, as in Latte's text-to-video pipeline");
        all.put("ddim-even", "DDIM, eta 0, timesteps 999 to 0 as in class-conditional Latte");
        all.put(PNDM, "PNDM with Runge-Kutta warm-up: nine calls more than steps");
        all.put("ddpm", "ancestral sampling, learned variance where the model predicts one");
        return all;
    }

    /** Returns the recipe for a model. */
    public static Recipe of(Manifest manifest) {
        boolean noise = manifest.prediction().type().equals("noise");
        String sampler = PUBLISHED.getOrDefault(manifest.family(), noise ? DDIM : FLOW);
        if (noise == sampler.startsWith(FLOW) || DemoSettings.has(manifest)) {
            // A model of a known shape, trained for something else.
            sampler = noise ? DDIM : FLOW;
        }
        int calls = manifest.steps() > 0 ? manifest.steps() : USUAL_STEPS;
        return new Recipe(sampler, sampler.equals(PNDM) ? calls - Pndm.MORE_CALLS : calls);
    }

    /** Returns this recipe with another sampler. */
    public Recipe with(String otherSampler) {
        return new Recipe(otherSampler, steps);
    }

    /** Returns this recipe with another number of steps. */
    public Recipe with(int otherSteps) {
        return new Recipe(sampler, otherSteps);
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
        if (predicts.equals("noise") == sampler.startsWith(FLOW)) {
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
            case DDIM -> Ddim.leading(steps);
            case "ddim-even" -> Ddim.even(steps);
            case PNDM -> new Pndm(steps);
            default -> new Ddpm(steps);
        };
    }
}
