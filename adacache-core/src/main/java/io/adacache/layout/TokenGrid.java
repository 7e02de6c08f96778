package io.adacache.layout;

/**
 * How the tokens of a hidden state lie: shape {@code [rows, prefix + frames * tokensPerFrame, channels]}, frames major.
 *
 * @param rows batch rows, guidance halves included
 * @param prefix leading tokens that belong to no frame (text, in joint-attention models)
 * @param frames latent frames after patching
 * @param tokensPerFrame tokens of one frame
 * @param channels channels of the hidden state
 */
public record TokenGrid(int rows, int prefix, int frames, int tokensPerFrame, int channels) {
    /** The grid of a model whose hidden state cannot be seen. */
    public static final TokenGrid UNKNOWN = new TokenGrid(0, 0, 0, 0, 0);

    /** Returns the number of tokens per row. */
    public int tokens() {
        return prefix + frames * tokensPerFrame;
    }

    /** Returns the number of elements of the hidden state. */
    public long elements() {
        return (long) rows * tokens() * channels;
    }
}
