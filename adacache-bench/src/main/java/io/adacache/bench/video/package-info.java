/** Clips as files that players know. */
@NullMarked
package io.adacache.bench.video;

import org.jspecify.annotations.NullMarked;
