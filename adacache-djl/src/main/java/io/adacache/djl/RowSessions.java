package io.adacache.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import io.adacache.CacheSession;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * A session per video of a batch. Each call is cut into the videos' own, each video's session decides for itself, and the predictions are put
 * together again: a video's numbers are those that it has alone, bit for bit, whatever its neighbours are.
 *
 * <p>Rows lie as guidance in one batch has them: video 1, 2, ... of the first half, then of the second.
 */
final class RowSessions {
    private static final String BATCH = "batch";

    private final Manifest manifest;
    private final List<CacheSession<NDArray>> sessions = new ArrayList<>();

    /** Begins them; if one does not begin, none stays open. */
    RowSessions(Manifest manifest, int videos, IntFunction<CacheSession<NDArray>> begin) {
        this.manifest = manifest;
        if (videos < 1) {
            throw new IllegalArgumentException("A batch holds one video or more, but got " + videos);
        }
        boolean begun = false;
        try {
            for (int video = 0; video < videos; video++) {
                sessions.add(begin.apply(video));
            }
            begun = true;
        } finally {
            if (!begun) {
                close();
            }
        }
    }

    List<CacheSession<NDArray>> sessions() {
        return List.copyOf(sessions);
    }

    boolean isClosed() {
        return sessions.stream().allMatch(CacheSession::isClosed);
    }

    void close() {
        sessions.forEach(CacheSession::close);
    }

    /**
     * Runs the next call of all videos.
     *
     * @return the predictions in the rows' order, attached to the manager of the first input
     */
    NDArray step(NDList inputs) {
        int videos = sessions.size();
        int halves = halves(inputs);
        try (NDManager scope = inputs.get(0).getManager().newSubManager()) {
            List<NDArray> predictions = new ArrayList<>();
            for (int video = 0; video < videos; video++) {
                NDList own = new NDList();
                for (int i = 0; i < inputs.size(); i++) {
                    own.add(own(inputs.get(i), manifest.inputs().get(i), video, halves, scope));
                }
                predictions.add(attached(sessions.get(video).step(own), scope));
            }
            NDArray all = together(predictions, halves);
            all.attach(inputs.get(0).getManager());
            return all;
        }
    }

    /** Guidance halves in the batch: rows per video. */
    private int halves(NDList inputs) {
        int latent = manifest.indexOf("latent");
        if (inputs.size() != manifest.inputs().size()) {
            throw new IllegalArgumentException(
                    "The model takes " + manifest.inputs().size() + " inputs, but got " + inputs.size());
        }
        long rows = inputs.get(latent).getShape().get(0);
        if (rows % sessions.size() != 0) {
            throw new IllegalArgumentException("The batch has " + rows + " rows, which " + sessions.size()
                    + " videos cannot share evenly; say how many videos there are when the generation begins");
        }
        return Math.toIntExact(rows / sessions.size());
    }

    /** What belongs to a video: its rows, its line, or what all share. */
    private NDArray own(NDArray input, Manifest.Input spec, int video, int halves, NDManager scope) {
        long first = input.getShape().dimension() == 0 ? 1 : input.getShape().get(0);
        int videos = sessions.size();
        boolean perRow = spec.shape().get(0).equals(BATCH);
        if (input.getShape().size() == 0 || first == 1 && !perRow) {
            return input;
        }
        if (first != (long) videos * halves && first != videos) {
            throw new IllegalArgumentException("The input '" + spec.name() + "' has " + first
                    + " rows, but the batch has " + videos + " videos in " + videos * halves + " rows");
        }
        List<NDArray> rows = new ArrayList<>();
        for (long row = video; row < first; row += videos) {
            rows.add(attached(input.get(new NDIndex("{}:{}", row, row + 1)), scope));
        }
        return rows.size() == 1 ? rows.get(0) : attached(concatenated(rows), scope);
    }

    private static NDArray attached(NDArray array, NDManager scope) {
        array.attach(scope);
        return array;
    }

    private static NDArray concatenated(List<NDArray> rows) {
        if (rows.get(0).getDataType() == DataType.BFLOAT16) {
            throw new IllegalArgumentException(
                    "DJL cannot put arrays of bfloat16 together; begin a session per video instead");
        }
        return NDArrays.concat(new NDList(rows), 0);
    }

    private NDArray together(List<NDArray> predictions, int halves) {
        List<NDArray> rows = new ArrayList<>();
        for (long half = 0; half < halves; half++) {
            for (NDArray prediction : predictions) {
                rows.add(halves == 1 ? prediction : prediction.get(new NDIndex("{}:{}", half, half + 1)));
            }
        }
        return concatenated(rows);
    }
}
