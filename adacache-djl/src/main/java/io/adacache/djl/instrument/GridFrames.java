package io.adacache.djl.instrument;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Tells how many frames packed tokens have, where an input says it: three or four coordinates for each token, frames first, or the
 * sizes of the grid. The tokens of a frame must lie together.
 */
final class GridFrames {
    private final int tokens;

    private GridFrames(int tokens) {
        this.tokens = tokens;
    }

    /** An input that tells the frames, and how many it tells. */
    record Told(String input, int frames) {}

    /** The first input that tells of more than one frame, or null. */
    static @Nullable Told of(NDList inputs, List<String> names, int latent, int tokens) {
        GridFrames grid = new GridFrames(tokens);
        for (int i = 0; i < inputs.size(); i++) {
            OptionalInt frames = i == latent ? OptionalInt.empty() : grid.frames(inputs.get(i));
            if (frames.isPresent() && frames.getAsInt() > 1) {
                return new Told(names.get(i), frames.getAsInt());
            }
        }
        return null;
    }

    private OptionalInt frames(NDArray input) {
        long[] shape = input.getShape().getShape();
        DataType type = input.getDataType();
        boolean numbers = type.isFloating() || type.isInteger();
        if (!numbers
                || shape.length == 0
                || shape.length > 3
                || input.getShape().size() > 1L << 24) {
            return OptionalInt.empty();
        }
        float[] values = input.toType(DataType.FLOAT32, true).toFloatArray();
        int rank = shape.length;
        if (rank <= 2 && shape[rank - 1] == 3 && type.isInteger() && !(rank == 2 && shape[0] == tokens)) {
            return sizes(values);
        }
        if (rank >= 2 && shape[rank - 2] == tokens && (shape[rank - 1] == 3 || shape[rank - 1] == 4)) {
            return places(values, (int) shape[rank - 1], 1, (int) shape[rank - 1]);
        }
        if (rank >= 2 && shape[rank - 1] == tokens && (shape[rank - 2] == 3 || shape[rank - 2] == 4)) {
            return places(values, 1, tokens, (int) shape[rank - 2]);
        }
        return OptionalInt.empty();
    }

    /** Frames, rows and columns; the same for every row of the batch. */
    private OptionalInt sizes(float[] values) {
        boolean fits = true;
        for (int i = 0; fits && i < values.length; i++) {
            fits = values[i] >= 1 && values[i] == values[i % 3];
        }
        return fits && values[0] * values[1] * values[2] == tokens
                ? OptionalInt.of((int) values[0])
                : OptionalInt.empty();
    }

    /** Runs of equal first coordinates, as long as each other, with the same other coordinates in each. */
    private OptionalInt places(float[] values, int perToken, int perCoordinate, int coordinates) {
        List<Integer> starts = new ArrayList<>();
        for (int token = 0; token < tokens; token++) {
            float now = values[token * perToken];
            float before = token == 0 ? Float.NEGATIVE_INFINITY : values[(token - 1) * perToken];
            if (now < before || Float.isNaN(now)) {
                return OptionalInt.empty();
            }
            if (now > before) {
                starts.add(token);
            }
        }
        int frames = starts.size();
        int length = tokens / frames;
        boolean fits = frames * length == tokens;
        for (int f = 0; fits && f < frames; f++) {
            fits = starts.get(f) == f * length;
        }
        for (int token = length; fits && token < tokens; token++) {
            for (int c = 1; fits && c < coordinates; c++) {
                fits = values[token * perToken + c * perCoordinate]
                        == values[token % length * perToken + c * perCoordinate];
            }
        }
        return fits && length > 1 ? OptionalInt.of(frames) : OptionalInt.empty();
    }
}
