package io.adacache.djl;

import ai.djl.ndarray.NDArray;
import io.adacache.layout.Span;
import io.adacache.spi.Transformer.Embedded;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** The methods of a loaded model, on one device or over several. What they return is held against what the manifest promises. */
interface Methods {
    /**
     * Runs the plain model.
     *
     * @param whenGood gets the prediction before anybody else can close the model
     */
    NDArray forward(List<NDArray> inputs, Expected expected, UnaryOperator<NDArray> whenGood);

    Embedded<NDArray> embed(List<NDArray> inputs, Expected expected);

    /** Whether it pays to keep what is the same in all calls of a branch. */
    default boolean embedsAgain() {
        return false;
    }

    /** As {@link #embed}, given the context of a call that differed in the values of latent and timestep alone. */
    default Embedded<NDArray> embedAgain(List<NDArray> inputs, Expected expected, Embedded<NDArray> before) {
        return embed(inputs, expected);
    }

    List<NDArray> run(Span sites, int[] capture, NDArray hidden, Embedded<NDArray> context);

    NDArray modulated(int site, NDArray hidden, Embedded<NDArray> context);

    NDArray head(NDArray hidden, Embedded<NDArray> context);

    /** The operations on this model's tensors, divided ones included. */
    NDArrayOps ops();

    /** Bytes that devices have handed to one another, by kind; empty on one device. */
    Map<String, Long> moved();

    /** Bytes of hidden states and residuals that each member holds; empty on one device. */
    List<Long> held();

    /** Arrays and contexts that calls returned and nobody has freed or taken over. */
    int live();

    /** Frees everything, behind a closed gate. */
    void free();
}
