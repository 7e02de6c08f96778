package io.adacache.spi;

import io.adacache.layout.Layout;
import io.adacache.layout.Span;
import io.adacache.layout.TokenGrid;
import io.adacache.policy.CachePolicy;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * A diffusion transformer, cut at its residuals: the one interface that an engine implements.
 *
 * <p>The plain model is {@code head(run(all sites, embed(inputs)))}. Arguments are borrowed and never changed; a tensor that
 * is returned belongs to the caller, who gives it back with {@link TensorOps#release}. If a method throws, it has freed
 * what it made. Methods may be called from several threads at once. An opaque model (a layout without sites) implements
 * {@link #forward} only. The conformance kit is {@code TransformerKit} in the test jar.
 *
 * @param <T> the engine's tensor type
 */
public interface Transformer<T> {
    /** Returns a short name for messages. */
    String name();

    /** Returns the model's sites. */
    Layout layout();

    /** Returns the operations on this model's tensors. */
    TensorOps<T> ops();

    /**
     * Checks the inputs of a call and returns how their tokens lie. Nothing is read off the device.
     *
     * @throws IllegalArgumentException if count, dtype, rank or a size does not fit; the message says what is expected
     */
    TokenGrid check(List<T> inputs);

    /** Returns that one of the inputs which is denoised. */
    T latent(List<T> inputs);

    /** Runs the plain model. */
    T forward(List<T> inputs);

    /** Returns the hidden state before site 0, and the context of this call. */
    Embedded<T> embed(List<T> inputs);

    /**
     * Returns what embeds the calls of one branch of a generation, one after another. It may keep what is the same in all of them (a
     * projected text, tables of positions), as long as it finds out when that changes. By default every call is embedded anew.
     */
    default Embedder<T> embedder() {
        return this::embed;
    }

    /**
     * Runs the sites of a span.
     *
     * @param sites which sites
     * @param capture indices of sites in the span whose residuals are wanted
     * @param hidden the hidden state before the span
     * @return the hidden state after the span, then the captured residuals (gates included) in the order of {@code capture}
     */
    List<T> run(Span sites, int[] capture, T hidden, Embedded<T> context);

    /** Returns the normalised, modulated input of a site, given the hidden state before it. */
    T modulated(int site, T hidden, Embedded<T> context);

    /** Returns the prediction, given the hidden state after the last site. */
    T head(T hidden, Embedded<T> context);

    /**
     * Hands a prediction over to the service: from now on it is the service's to free.
     *
     * @param prediction what {@link #head} or {@link #forward} returned
     * @param inputs the inputs of the same call
     * @return what the service gets
     */
    default T handOver(T prediction, List<T> inputs) {
        return prediction;
    }

    /**
     * Returns the policy that a text describes, as this model recommends it: with settings of its own, or under names of its own. Empty
     * where the model recommends nothing.
     *
     * @param steps number of steps of the generation
     * @throws IllegalArgumentException if there is no such policy or setting; the message says what exists
     */
    default Optional<CachePolicy> recommended(String text, int steps) {
        return Optional.empty();
    }

    /** Returns one sentence on how sites can be had for such a model, for the error of policies that need them. */
    default String remedyForSites() {
        return "";
    }

    /**
     * Returns a number that is the same for two calls of one step (same latent, same noise level) and differs from step to step, or
     * empty where that cannot be told. May read from the device: it is asked in the first two steps only.
     */
    default OptionalLong fingerprint(List<T> inputs) {
        return OptionalLong.empty();
    }

    /**
     * Returns which of several models computes a call, counted from 0. What one has left does not fit another: where the stage changes,
     * all that was kept is dropped and the step is computed.
     */
    default int stage(List<T> inputs) {
        return 0;
    }

    /**
     * Returns the noise level of a call, on whatever scale the model takes it, or empty where that cannot be told. May read from the
     * device: it is asked in the first two steps only, and for recordings.
     */
    default OptionalDouble noiseLevel(List<T> inputs) {
        return OptionalDouble.empty();
    }

    /**
     * Called when a session on this model begins.
     *
     * @param session cancels and closes the session when it is closed
     * @throws IllegalStateException if the model takes no more sessions
     */
    default void sessionBegun(OpenSession session) {}

    /** Called when a session on this model has been closed. */
    default void sessionClosed(OpenSession session) {}

    /** An open session, as its model sees it. */
    interface OpenSession {
        /** Stops the session at its next span. */
        void cancel();

        /** Closes the session; if it runs on another thread, it is stopped and closed there. */
        void close();

        /** Whether it was closed. */
        boolean isClosed();
    }

    /**
     * Embeds the calls of one branch of a generation. Belongs to its session, which calls it as it calls the model: one call at a time.
     *
     * @param <T> the engine's tensor type
     */
    @FunctionalInterface
    interface Embedder<T> extends AutoCloseable {
        /** Returns what {@link Transformer#embed} returns, bit for bit. */
        Embedded<T> embed(List<T> inputs);

        /** Frees what is kept; by default nothing is. Idempotent. */
        @Override
        default void close() {}
    }

    /**
     * The result of embedding a call's inputs: the hidden state before site 0, and a context that only the engine reads.
     *
     * @param <T> the engine's tensor type
     */
    interface Embedded<T> extends AutoCloseable {
        /** Returns the hidden state. It belongs to the caller of {@code embed}, who releases it apart from the context. */
        T hidden();

        /** Frees the context. */
        @Override
        void close();
    }
}
