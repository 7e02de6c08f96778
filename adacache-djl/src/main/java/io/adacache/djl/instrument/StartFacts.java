package io.adacache.djl.instrument;

// Why layouts are learned by running: docs/decisions/0008.

import io.adacache.djl.instrument.graph.Start;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

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

    /** Latent frames, rows or columns per token; 1 of what is no dimension of tokens. */
    int patch(String dimension) {
        return switch (dimension) {
            case "frames" -> patch[0];
            case "height" -> patch[1];
            case "width" -> patch[2];
            default -> 1;
        };
    }

    /** How many frames there are, tokens in each, and tokens of the video. */
    Set<Long> counts() {
        Set<Long> counts = new TreeSet<>();
        List.of(frames, tokens, frames * tokens).forEach(count -> counts.add(count.longValue()));
        return counts;
    }

    /**
     * The same for tokens that were packed before, of which so many frames are known: the tokens of a frame lie together.
     *
     * @throws InstrumentException if the latent has frames of its own, or the tokens do not divide
     */
    StartFacts packed(int count) {
        if (axis("width") >= 0 || axis("frames") >= 0) {
            throw new InstrumentException("the latent is no row of packed tokens, so its frames need not be told; say"
                    + " which dimension counts them (frames-from) if that was found wrongly");
        }
        if (tokens % count != 0) {
            throw new InstrumentException(tokens + " packed tokens do not divide into " + count + " frames");
        }
        return new StartFacts(latent, axes, new int[] {1, patch[1] * count, 1}, count, tokens / count, prefix, start);
    }
}
