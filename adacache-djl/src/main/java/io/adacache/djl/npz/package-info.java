/** A reader for NumPy's archive files. */
@NullMarked
package io.adacache.djl.npz;

import org.jspecify.annotations.NullMarked;
