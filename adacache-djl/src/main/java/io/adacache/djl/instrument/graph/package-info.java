/** The flat graph of a traced forward, the residual spine in it, and the slices between. */
@NullMarked
package io.adacache.djl.instrument.graph;

import org.jspecify.annotations.NullMarked;
