package io.adacache.djl.instrument;

import ai.djl.ndarray.types.Shape;
import io.adacache.djl.instrument.graph.Remedy;
import io.adacache.djl.instrument.graph.StartForm;
import java.util.BitSet;

/**
 * Tells how the tokens of a stream lie from which of them belong to which row of the batch and to which frame.
 *
 * @param state shape of the stream
 * @param all which tokens depend on the latent
 * @param batchOf row of the batch by token
 * @param frameOf frame by token
 * @param prefix tokens in front of the first frame
 */
record TokenForms(
        long[] state, BitSet all, int[] batchOf, int[] frameOf, int batch, int frames, int tokens, int prefix) {
    StartForm form() {
        boolean tokensFirst = state.length == 3 && state[1] == batch && state[0] == prefix + (long) frames * tokens;
        if (tokensFirst && tokensFirst() && state[0] != 1) {
            return StartForm.TOKENS_FIRST;
        }
        if (framesMajor(behind())) {
            boolean canonical = state.length == 3 && state[0] == batch;
            if (!canonical && prefix > 0) {
                throw new InstrumentException(
                        "the hidden state " + new Shape(state)
                                + " holds tokens that do not depend on the latent, but is no [batch, tokens, channels]",
                        Remedy.TOKENS);
            }
            if (behind() > 0) {
                return StartForm.TOKENS_BEHIND;
            }
            return canonical ? StartForm.CANONICAL : StartForm.FLATTEN;
        }
        if (framesInside() && state.length == 3 && state[1] == frames) {
            return StartForm.FRAMES_INSIDE;
        }
        throw new InstrumentException(
                "the tokens of the hidden state " + new Shape(state)
                        + " lie in an order that is neither frames first nor frames last",
                Remedy.TOKENS);
    }

    /** Tokens of a row behind the last one that depends on the latent, where they come in rows of the batch. */
    int behind() {
        int perRow = prefix + frames * tokens;
        return perRow * batch == batchOf.length && state.length == 3 && state[0] == batch
                ? perRow - Math.min(perRow, all.get(0, perRow).length())
                : 0;
    }

    private boolean framesMajor(int behind) {
        int perRow = prefix + frames * tokens;
        boolean fits = true;
        for (int r = 0; fits && r < batchOf.length; r++) {
            int place = r % perRow - (prefix - behind);
            fits = is(r, r / perRow, place < frames * tokens ? place : -1);
        }
        return fits;
    }

    private boolean tokensFirst() {
        boolean fits = true;
        for (int r = 0; fits && r < batchOf.length; r++) {
            fits = is(r, r % batch, r / batch - prefix);
        }
        return fits;
    }

    private boolean is(int token, int row, int place) {
        return place < 0
                ? !all.get(token)
                : all.get(token) && batchOf[token] == row && frameOf[token] == place / tokens;
    }

    private boolean framesInside() {
        boolean fits = prefix == 0;
        int perRow = frames * tokens;
        for (int r = 0; fits && r < batchOf.length; r++) {
            fits = all.get(r) && batchOf[r] == r / perRow && frameOf[r] == r % frames;
        }
        return fits;
    }

    /** How a stream lies that does not depend on the latent. */
    static StartForm beside(long[] shape, StartForm video, int batch) {
        if (shape.length == 3 && video == StartForm.TOKENS_FIRST && shape[1] == batch) {
            return StartForm.TOKENS_FIRST;
        }
        if (shape.length == 3 && shape[0] == batch) {
            return StartForm.CANONICAL;
        }
        if (shape.length >= 2 && shape[0] % batch == 0) {
            return StartForm.FLATTEN;
        }
        throw new InstrumentException(
                "a stream beside the latent's has shape " + new Shape(shape)
                        + "; its first dimension must be a multiple of the batch, " + batch,
                Remedy.TOKENS);
    }
}
