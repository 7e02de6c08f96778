/** The protocol by which methods are compared: settings by one search for all, tests once, differences per prompt. */
@NullMarked
package io.adacache.bench.protocol;

import org.jspecify.annotations.NullMarked;
