/** Many clips in one run: a list of jobs in, clips and statistics out, each whole or not at all. */
@NullMarked
package io.adacache.bench.batch;

import org.jspecify.annotations.NullMarked;
