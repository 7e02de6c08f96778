package io.adacache.djl.shards;

/** Along what the tokens of a hidden state are divided among members. The order is the contract's numbering. */
enum Axis {
    /** Each member holds whole frames: what spatial attention needs, and how hidden states lie between calls. */
    FRAMES,
    /** Each member holds the same places of all frames: what temporal attention needs. */
    PLACES
}
