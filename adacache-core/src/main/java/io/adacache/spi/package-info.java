/** What an engine implements to be cached: a transformer and its tensor operations. */
@NullMarked
package io.adacache.spi;

import org.jspecify.annotations.NullMarked;
