/** Calibrations on the command line: which prompts, what is kept, what is written. */
@NullMarked
package io.adacache.bench.calibrate;

import org.jspecify.annotations.NullMarked;
