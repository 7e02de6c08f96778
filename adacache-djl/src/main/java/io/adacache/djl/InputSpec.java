package io.adacache.djl;

import java.util.List;

/**
 * One input of a model, as its manifest describes it.
 *
 * @param name the argument's name
 * @param role what it means: {@code latent}, {@code timestep}, {@code text}, ...
 * @param dtype {@code float32}, {@code float16}, {@code int64}, ...
 * @param shape sizes, numbers or named dimensions; equal names are equal sizes within a call
 * @param optional whether a tensor of zero elements may be passed for it
 */
public record InputSpec(String name, String role, String dtype, List<String> shape, boolean optional) {
    /** Copies the shape. */
    public InputSpec {
        shape = List.copyOf(shape);
    }

    @Override
    public String toString() {
        return name + ": " + dtype + " " + shape + (optional ? " (optional)" : "");
    }
}
