/** Other published caching methods, as policies on the same spans and measures. */
@NullMarked
package io.adacache.policy.rivals;

import org.jspecify.annotations.NullMarked;
