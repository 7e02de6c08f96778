package io.adacache.djl.instrument.graph;

/** How the state before the first site relates to {@code [batch, frames * tokens, channels]}. */
public enum StartForm {
    /** It is that. */
    CANONICAL,
    /** The same order in memory, under another shape, such as {@code [batch * frames, tokens, channels]}. */
    FLATTEN,
    /** {@code [batch * tokens, frames, channels]}. */
    FRAMES_INSIDE
}
