/** Holds this implementation against recordings of the authors' code. */
@NullMarked
package io.adacache.bench.verify;

import org.jspecify.annotations.NullMarked;
