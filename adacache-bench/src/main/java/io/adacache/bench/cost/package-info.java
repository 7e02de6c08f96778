/** What a call costs on paper: a model of time and memory, fitted to what was measured, that predicts what was not. */
@NullMarked
package io.adacache.bench.cost;

import org.jspecify.annotations.NullMarked;
