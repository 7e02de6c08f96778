package io.adacache.djl.instrument.graph;

import java.util.Arrays;

/** Which token of the start's layout lies where: an array of token numbers with a shape, moved by glue as the tensor is. */
record TokenOrder(long[] shape, int[] tokens) {
    private static final int MAX_TOKENS = 1 << 26;

    /** The order at the start, for a shape without its channels. */
    static TokenOrder of(long[] shape) {
        long count = 1;
        for (long size : shape) {
            count = Math.multiplyExact(count, size);
        }
        if (count > MAX_TOKENS) {
            throw new NotUnderstood(
                    "more than " + MAX_TOKENS + " tokens in the inputs used for verification; use smaller ones");
        }
        int[] tokens = new int[(int) count];
        Arrays.setAll(tokens, i -> i);
        return new TokenOrder(shape, tokens);
    }

    TokenOrder reshaped(long[] newShape) {
        return new TokenOrder(newShape, tokens);
    }

    TokenOrder permuted(int[] order) {
        int rank = shape.length;
        long[] newShape = new long[rank];
        long[] strides = new long[rank];
        long stride = 1;
        for (int i = rank - 1; i >= 0; i--) {
            strides[i] = stride;
            stride *= shape[i];
        }
        for (int i = 0; i < rank; i++) {
            newShape[i] = shape[order[i]];
        }
        int[] moved = new int[tokens.length];
        long[] at = new long[rank];
        for (int i = 0; i < moved.length; i++) {
            long source = 0;
            for (int d = 0; d < rank; d++) {
                source += at[d] * strides[order[d]];
            }
            moved[i] = tokens[(int) source];
            for (int d = rank - 1; d >= 0 && ++at[d] == newShape[d]; d--) {
                at[d] = 0;
            }
        }
        return new TokenOrder(newShape, moved);
    }

    boolean same(TokenOrder other) {
        return Arrays.equals(shape, other.shape) && Arrays.equals(tokens, other.tokens);
    }
}
