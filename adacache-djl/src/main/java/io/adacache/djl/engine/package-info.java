/** The one way into the native engine: counted calls, owned arguments, reasons instead of traces. Not part of the API. */
@NullMarked
package io.adacache.djl.engine;

import org.jspecify.annotations.NullMarked;
