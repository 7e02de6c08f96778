/** Comparisons of policies: who runs when, what is kept when a run is interrupted, and what is written at the end. */
@NullMarked
package io.adacache.bench.compare;

import org.jspecify.annotations.NullMarked;
