package io.adacache.djl.instrument.graph;

import java.util.Arrays;
import java.util.List;

/** Which token of the start's layout lies where: an array of token numbers with a shape, moved by glue as the tensor is. */
record TokenOrder(long[] shape, int[] tokens) {
    private static final int MAX_TOKENS = 1 << 26;

    /** The order at a start, for a shape without its channels; tokens are numbered from {@code first}. */
    static TokenOrder of(long[] shape, int first) {
        long count = 1;
        for (long size : shape) {
            count = Math.multiplyExact(count, size);
        }
        if (count > MAX_TOKENS) {
            throw new NotUnderstood(
                    "more than " + MAX_TOKENS + " tokens in the inputs used for verification", Remedy.SMALLER_INPUTS);
        }
        int[] tokens = new int[(int) count];
        Arrays.setAll(tokens, i -> first + i);
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

    /** A part along a dimension. */
    TokenOrder slice(int dimension, long from, long size) {
        long inner = 1;
        for (int d = dimension + 1; d < shape.length; d++) {
            inner *= shape[d];
        }
        long[] newShape = shape.clone();
        newShape[dimension] = size;
        int width = Math.toIntExact(size * inner);
        int whole = Math.toIntExact(shape[dimension] * inner);
        int[] part = new int[whole == 0 ? 0 : tokens.length / whole * width];
        for (int i = 0; width > 0 && i < part.length / width; i++) {
            System.arraycopy(tokens, Math.toIntExact(i * (long) whole + from * inner), part, i * width, width);
        }
        return new TokenOrder(newShape, part);
    }

    /** Several orders one behind another along a dimension. */
    static TokenOrder joined(int dimension, List<TokenOrder> parts) {
        long[] newShape = parts.get(0).shape.clone();
        newShape[dimension] = parts.stream().mapToLong(p -> p.shape[dimension]).sum();
        int outer = 1;
        for (int d = 0; d < dimension; d++) {
            outer *= (int) newShape[d];
        }
        int[] all = new int[parts.stream().mapToInt(p -> p.tokens.length).sum()];
        int at = 0;
        for (int i = 0; i < outer; i++) {
            for (TokenOrder part : parts) {
                int width = part.tokens.length / outer;
                System.arraycopy(part.tokens, i * width, all, at, width);
                at += width;
            }
        }
        return new TokenOrder(newShape, all);
    }

    boolean same(TokenOrder other) {
        return Arrays.equals(shape, other.shape) && Arrays.equals(tokens, other.tokens);
    }
}
