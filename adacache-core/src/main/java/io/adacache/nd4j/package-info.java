/** Tensor operations on ND4J arrays, for those who have {@code nd4j-api} and a backend on the class path. */
@NullMarked
package io.adacache.nd4j;

import org.jspecify.annotations.NullMarked;
