/** One class per command of the program. */
@NullMarked
package io.adacache.bench.command;

import org.jspecify.annotations.NullMarked;
