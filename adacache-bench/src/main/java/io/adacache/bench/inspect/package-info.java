/** What a model file tells of itself and of what caching will cost, before anything runs. */
@NullMarked
package io.adacache.bench.inspect;

import org.jspecify.annotations.NullMarked;
