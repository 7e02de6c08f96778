/** A reader for NumPy's archive files. */
@NullMarked
package io.adacache.bench.npz;

import org.jspecify.annotations.NullMarked;
