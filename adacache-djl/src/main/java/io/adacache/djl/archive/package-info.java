/** Bounded reading and byte-exact copying of TorchScript archives. */
@NullMarked
package io.adacache.djl.archive;

import org.jspecify.annotations.NullMarked;
