/** How the native engine is set up before it starts. */
@NullMarked
package io.adacache.bench.engine;

import org.jspecify.annotations.NullMarked;
