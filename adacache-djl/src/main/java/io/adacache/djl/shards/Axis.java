package io.adacache.djl.shards;

/** Along what a hidden state is divided among members. The order of the first two is the contract's numbering. */
enum Axis {
    /** Each member holds whole frames: what spatial attention needs, and how hidden states lie between calls. */
    FRAMES,
    /** Each member holds the same places of all frames: what temporal attention needs. */
    PLACES,
    /** Each member holds whole rows of the batch: clips, or the branches of guidance. Nothing needs another row. */
    ROWS
}
