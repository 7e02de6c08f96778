/** How time and memory grow with the size of a model and of a video. */
@NullMarked
package io.adacache.bench.scale;

import org.jspecify.annotations.NullMarked;
