/** Finds a model's own settings of policies on prompts that are not the ones compared. */
@NullMarked
package io.adacache.bench.tune;

import org.jspecify.annotations.NullMarked;
