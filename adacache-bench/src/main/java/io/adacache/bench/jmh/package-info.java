/** JMH benchmarks. */
@NullMarked
package io.adacache.bench.jmh;

import org.jspecify.annotations.NullMarked;
