/** Thresholds for models whose authors published none. */
@NullMarked
package io.adacache.bench.derive;

import org.jspecify.annotations.NullMarked;
