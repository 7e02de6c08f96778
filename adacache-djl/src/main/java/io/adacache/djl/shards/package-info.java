/** One model over several devices: each member holds a part of the hidden state, and hands on only what another must know. */
@NullMarked
package io.adacache.djl.shards;

import org.jspecify.annotations.NullMarked;
