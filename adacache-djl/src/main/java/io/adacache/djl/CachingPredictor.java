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
import org.jspecify.annotations.Nullable;

/**
 * A DJL predictor that caches between {@link #begin} and the end of the generation: it takes the place of the
 * {@code Predictor<NDList, NDList>} that a denoising loop already calls. Outside a generation it runs the plain model.
 *
 * <p>Like any DJL predictor it is used by one thread at a time; make one per thread, all on the same model. The prediction is attached
 * to the manager of the first input, as DJL's own predictor does without a translator.
 */
public final class CachingPredictor extends Predictor<NDList, NDList> {
    private final TorchScriptTransformer transformer;
    private @Nullable CacheSession<NDArray> session;

    CachingPredictor(TorchScriptTransformer transformer, Model model) {
        super(model, new NoopTranslator(), transformer.device(), false);
        this.transformer = transformer;
    }

    /**
     * Begins a generation of one branch. Close what is returned when the loop ends.
     *
     * @throws IllegalStateException if a generation has begun and not ended
     */
    public CacheSession<NDArray> begin(CachePolicy policy, int steps) {
        return begin(transformer.session().policy(policy).steps(steps));
    }

    /** Begins a generation with the settings of a builder; see {@link TorchScriptTransformer#session()}. */
    public CacheSession<NDArray> begin(CacheSession.Builder<NDArray> settings) {
        if (session != null && !session.isClosed()) {
            throw new IllegalStateException(
                    "A generation has begun on this predictor and not ended; close its session first");
        }
        session = settings.begin();
        return session;
    }

    /**
     * Runs the call of a named branch, where guidance streams are called separately.
     *
     * @throws IllegalStateException if no generation has begun
     */
    public NDList predict(String branch, NDList inputs) {
        CacheSession<NDArray> current = session;
        if (current == null || current.isClosed()) {
            throw new IllegalStateException(
                    "No generation has begun on this predictor; call begin(policy, steps) first");
        }
        return new NDList(current.step(branch, inputs));
    }

    @Override
    protected NDList predictInternal(TranslatorContext context, NDList inputs) throws TranslateException {
        CacheSession<NDArray> current = session;
        return new NDList(current == null || current.isClosed() ? transformer.predict(inputs) : current.step(inputs));
    }

    @Override
    public void close() {
        if (session != null) {
            session.close();
        }
        super.close();
    }
}
