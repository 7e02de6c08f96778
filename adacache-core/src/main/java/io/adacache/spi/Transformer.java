package io.adacache.spi;

import io.adacache.layout.Layout;
import io.adacache.layout.Span;
import io.adacache.layout.TokenGrid;
import java.util.List;

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

    /** Called when a session on this model begins. */
    default void sessionBegun(Object session) {}

    /** Called when a session on this model is closed. */
    default void sessionClosed(Object session) {}
}
