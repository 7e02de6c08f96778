package io.adacache.djl;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.translate.NoopTranslator;
import ai.djl.translate.TranslateException;
import ai.djl.translate.TranslatorContext;
import io.adacache.CacheSession;
import io.adacache.policy.CachePolicy;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A DJL predictor that caches between {@link #begin} and the end of the generation: it takes the place of the
 * {@code Predictor<NDList, NDList>} that a denoising loop already calls. Outside a generation it runs the plain model. As DJL does,
 * {@code predict} and {@code batchPredict} wrap what goes wrong in a call into a {@link TranslateException}.
 *
 * <p>Like any DJL predictor it is used by one thread at a time; make one per thread, all on the same model. The prediction is attached
 * to the manager of the first input, as DJL's own predictor does without a translator.
 */
public final class CachingPredictor extends Predictor<NDList, NDList> {
    private final TorchScriptTransformer transformer;
    private @Nullable CacheSession<NDArray> session;
    private @Nullable RowSessions rows;

    CachingPredictor(TorchScriptTransformer transformer, Model model) {
        super(model, new NoopTranslator(), transformer.device(), false);
        this.transformer = transformer;
    }

    /**
     * Begins a generation, as {@link TorchScriptTransformer#begin(String, int, String...)}. Close what is returned when the loop ends.
     *
     * @throws IllegalStateException if a generation has begun and not ended
     */
    public CacheSession<NDArray> begin(String policy, int steps, String... branches) {
        return begin(transformer.session().policy(policy).steps(steps).branches(branches));
    }

    /** Begins a generation, as {@link #begin(String, int, String...)}. */
    public CacheSession<NDArray> begin(CachePolicy policy, int steps, String... branches) {
        return begin(transformer.session().policy(policy).steps(steps).branches(branches));
    }

    /** Begins a generation with the settings of a builder; see {@link TorchScriptTransformer#session()}. */
    public CacheSession<NDArray> begin(CacheSession.Builder<NDArray> settings) {
        checkFree();
        session = settings.begin();
        return session;
    }

    /**
     * Begins a generation of several videos in one batch, each with a schedule of its own: until the returned one is closed,
     * {@code predict} takes rows of all of them, video 1, 2, ... of the first guidance half, then of the second. A video's numbers are those
     * that it has alone, whatever its neighbours are (bit for bit in fp32 on the CPU). Costs a call per video and step; rows that may
     * share a schedule are one session, see {@link #begin(String, int, String...)}.
     *
     * @throws IllegalArgumentException if there is no such policy, or it does not work with this model
     * @throws IllegalStateException if a generation has begun and not ended, or the model is opaque: which inputs have rows is not known
     */
    public Videos beginVideos(String policy, int steps, int videos) {
        checkFree();
        RowSessions begun = new RowSessions(transformer.manifest(), videos, video -> transformer.begin(policy, steps));
        rows = begun;
        return new Videos(begun);
    }

    /** The open generation of several videos. */
    public static final class Videos implements AutoCloseable {
        private final RowSessions rows;

        private Videos(RowSessions rows) {
            this.rows = rows;
        }

        /** Returns the videos' sessions, in order: for their statistics and traces, and to cancel. */
        public List<CacheSession<NDArray>> sessions() {
            return rows.sessions();
        }

        /** Ends the generation and frees everything. */
        @Override
        public void close() {
            rows.close();
        }
    }

    private void checkFree() {
        if (current() != null || currentRows() != null) {
            throw new IllegalStateException(
                    "A generation has begun on this predictor and not ended; close its session first");
        }
    }

    private @Nullable RowSessions currentRows() {
        RowSessions current = rows;
        return current == null || current.isClosed() ? null : current;
    }

    private @Nullable CacheSession<NDArray> current() {
        CacheSession<NDArray> current = session;
        return current == null || current.isClosed() ? null : current;
    }

    /**
     * Runs the call of a named branch, where guidance streams are called separately.
     *
     * @throws IllegalStateException if no generation has begun
     */
    public NDList predict(String branch, NDList inputs) {
        return new NDList(begun().step(branch, inputs));
    }

    /**
     * Runs the calls of several guidance branches as one, with one decision for all: for a loop that calls the model once per branch. Over
     * devices that divide rows each branch has a device of its own; on one device it is guidance in one batch. The generation has one branch.
     *
     * @param branches the inputs of each branch: latents of one shape, texts of one length
     * @return the prediction of each
     * @throws IllegalArgumentException if the branches do not fit into one call; the message names the input
     * @throws IllegalStateException if no generation has begun, or the model is opaque: which inputs have rows is not known
     */
    public List<NDList> predictTogether(List<NDList> branches) {
        return new TogetherCall(transformer.manifest(), branches).run(begun()::step);
    }

    private CacheSession<NDArray> begun() {
        CacheSession<NDArray> current = current();
        if (current == null) {
            throw new IllegalStateException(
                    "No generation has begun on this predictor; call begin(policy, steps) first");
        }
        return current;
    }

    /**
     * Runs the plain model on each item; inside a generation on a single one, which is the next step.
     *
     * @throws IllegalStateException if the model is closed
     * @throws IllegalArgumentException if there are several inside a generation: items of one call are videos of their own, and
     *     what is kept of one must never reach another
     */
    @Override
    public List<NDList> batchPredict(List<NDList> items) throws TranslateException {
        transformer.checkOpen();
        if (items.size() > 1 && (current() != null || currentRows() != null)) {
            throw new IllegalArgumentException("A generation is one video: it takes one item per call, but got "
                    + items.size()
                    + ". Begin a generation per item, each on a predictor of its own, or pass the videos as"
                    + " rows of one item (beginVideos)");
        }
        return super.batchPredict(items);
    }

    @Override
    protected NDList predictInternal(TranslatorContext context, NDList inputs) throws TranslateException {
        RowSessions videos = currentRows();
        if (videos != null) {
            return new NDList(videos.step(inputs));
        }
        CacheSession<NDArray> current = current();
        return new NDList(current == null ? transformer.predict(inputs) : current.step(inputs));
    }

    @Override
    public void close() {
        if (session != null) {
            session.close();
        }
        if (rows != null) {
            rows.close();
        }
        super.close();
    }
}
