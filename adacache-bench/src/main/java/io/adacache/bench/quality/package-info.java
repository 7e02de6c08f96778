/** How near a clip is to its uncached twin. */
@NullMarked
package io.adacache.bench.quality;

import org.jspecify.annotations.NullMarked;
