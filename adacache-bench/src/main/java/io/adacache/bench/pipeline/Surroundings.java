package io.adacache.bench.pipeline;

import io.adacache.bench.sampler.LatentShape;

/** What lies around a model: from words to text tokens, and from the last latent to a clip. Immutable. */
interface Surroundings {
    /** Returns the sizes of the latent of one clip. */
    LatentShape latent();

    /** Returns frames per second. */
    float fps();

    /** Returns the scale of the guidance. */
    float guidance();

    /**
     * Returns what a prompt means to the model.
     *
     * @throws IllegalArgumentException if the model does not know a word
     */
    Conditioning conditioning(String prompt);

    /** Returns the clip that a latent holds. */
    Clip decode(float[] latent);
}
