/** Distance metrics and motion scores, computed from partial sums. */
@NullMarked
package io.adacache.metric;

import org.jspecify.annotations.NullMarked;
