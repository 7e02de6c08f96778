package io.adacache.djl.instrument.graph;

/** How a stream lies at its start, against {@code [batch, tokens, channels]}. */
public enum StartForm {
    /** It is that. */
    CANONICAL,
    /** The same order in memory, under another shape, such as {@code [batch * frames, tokens, channels]}. */
    FLATTEN,
    /** {@code [batch * tokens, frames, channels]}. */
    FRAMES_INSIDE,
    /** {@code [tokens, batch, channels]}. */
    TOKENS_FIRST,
    /** {@code [batch, tokens, channels]}, but tokens that do not depend on the latent lie behind its own. */
    TOKENS_BEHIND
}
