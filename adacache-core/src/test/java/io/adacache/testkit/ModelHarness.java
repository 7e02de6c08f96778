package io.adacache.testkit;

import io.adacache.spi.Transformer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a kit must know of an engine's model: how to make inputs for it. Inputs belong to the test, which frees each of them.
 *
 * @param <T> the engine's tensor type
 */
public interface ModelHarness<T> extends TensorHarness<T> {
    /** Returns the model under test; the same each time. */
    Transformer<T> transformer();

    /** Returns inputs of one size; the same seed gives the same numbers. */
    List<T> inputs(long seed);

    /** Returns valid inputs of another size than {@link #inputs}: another number of frames, height or width. */
    List<T> inputsOfOtherSize(long seed);

    /** Returns inputs of the size of {@link #inputs} whose latent is not a number throughout. */
    default List<T> inputsWithoutNumbers(long seed) {
        List<T> inputs = new ArrayList<>(inputs(seed));
        T latent = transformer().latent(inputs);
        for (int i = 0; i < inputs.size(); i++) {
            if (inputs.get(i) == latent) {
                float[] values = values(latent);
                Arrays.fill(values, Float.NaN);
                inputs.set(i, tensor(values, shape(latent)));
                free(latent);
                return inputs;
            }
        }
        throw new IllegalStateException("The latent is not one of the inputs");
    }

    /** Frees a list of tensors. */
    default void freeAll(List<T> tensors) {
        tensors.forEach(this::free);
    }
}
