package io.adacache.djl.instrument;

// Why layouts are learned by running: docs/decisions/0008.

import io.adacache.djl.instrument.graph.Start;
import java.util.List;

/**
 * How the latent becomes tokens, learned by changing one slice of the latent at a time and looking which tokens change.
 *
 * @param latent position of the latent among the inputs
 * @param axes meaning of the latent's dimensions: {@code batch}, {@code channels}, {@code frames}, {@code height}, {@code width}
 * @param patch latent frames, rows and columns per token
 * @param frames frames of tokens in the call that was looked at
 * @param tokens tokens per frame
 * @param prefix tokens before the first frame
 * @param start how the streams lie at their start
 */
record StartFacts(int latent, List<String> axes, int[] patch, int frames, int tokens, int prefix, Start start) {
    int axis(String name) {
        return axes.indexOf(name);
    }
}
