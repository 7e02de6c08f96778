/** Reads an unmodified TorchScript transformer, finds the residual spine, and writes an AdaCache-ready copy beside it. */
@NullMarked
package io.adacache.djl.instrument;

import org.jspecify.annotations.NullMarked;
