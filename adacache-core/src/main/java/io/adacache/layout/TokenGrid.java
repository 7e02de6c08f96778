package io.adacache.layout;

import java.util.ArrayList;
import java.util.List;

/**
 * How the tokens of a hidden state lie: shape {@code [rows, prefix + frames * tokensPerFrame, channels]}, frames major. Calls whose
 * grids are equal fit each other: what one of them left may be reused in the other.
 *
 * @param rows batch rows, guidance halves included
 * @param prefix leading tokens that belong to no frame (text, in joint-attention models)
 * @param frames latent frames after patching
 * @param tokensPerFrame tokens of one frame
 * @param channels channels of the hidden state
 * @param inputs sizes of all inputs, where the hidden state cannot be seen; else empty
 */
public record TokenGrid(int rows, int prefix, int frames, int tokensPerFrame, int channels, List<List<Long>> inputs) {
    /** The grid of a model whose hidden state cannot be seen, where no call is at hand. */
    public static final TokenGrid UNKNOWN = new TokenGrid(0, 0, 0, 0, 0);

    /** Copies the list. */
    public TokenGrid {
        inputs = List.copyOf(inputs);
    }

    /** Describes a hidden state that can be seen. */
    public TokenGrid(int rows, int prefix, int frames, int tokensPerFrame, int channels) {
        this(rows, prefix, frames, tokensPerFrame, channels, List.of());
    }

    /**
     * Describes a call of a model whose hidden state cannot be seen: only calls with inputs of the same sizes fit each other.
     *
     * @param sizes of all inputs; the first one's first size is taken for the number of rows
     */
    public static TokenGrid ofInputs(List<List<Long>> sizes) {
        List<Long> first = sizes.get(0);
        return new TokenGrid(first.isEmpty() ? 1 : Math.toIntExact(first.get(0)), 0, 0, 0, 0, sizes);
    }

    /** Returns the number of tokens per row. */
    public int tokens() {
        return prefix + frames * tokensPerFrame;
    }

    /** Returns the number of elements of the hidden state. */
    public long elements() {
        return (long) rows * tokens() * channels;
    }

    /** Returns the same for another number of rows; of inputs, those that begin with the number of rows have another. */
    public TokenGrid withRows(int others) {
        List<List<Long>> sizes = inputs.stream()
                .map(size -> size.isEmpty() || size.get(0) != rows ? size : withFirst(size, others))
                .toList();
        return new TokenGrid(others, prefix, frames, tokensPerFrame, channels, sizes);
    }

    private static List<Long> withFirst(List<Long> size, long first) {
        List<Long> copy = new ArrayList<>(size);
        copy.set(0, first);
        return List.copyOf(copy);
    }

    @Override
    public String toString() {
        return inputs.isEmpty()
                ? "TokenGrid[rows=" + rows + ", prefix=" + prefix + ", frames=" + frames + ", tokensPerFrame="
                        + tokensPerFrame + ", channels=" + channels + "]"
                : "inputs of the sizes " + inputs;
    }
}
