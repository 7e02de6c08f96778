package io.adacache.internal;

import io.adacache.layout.TokenGrid;
import java.util.List;

/**
 * One call of the denoiser: the step and the branch that it belongs to, and what it was given.
 *
 * @param <T> the engine's tensor type
 */
record BranchCall<T>(Step step, BranchState<T> branch, TokenGrid grid, List<T> inputs) {}
