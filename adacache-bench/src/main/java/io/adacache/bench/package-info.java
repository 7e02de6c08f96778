/** The command line: where the program starts. */
@NullMarked
package io.adacache.bench;

import org.jspecify.annotations.NullMarked;
