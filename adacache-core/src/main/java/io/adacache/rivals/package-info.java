/** Other published caching methods, and fixed schedules, as policies on the same parts and measures. */
@NullMarked
package io.adacache.rivals;

import org.jspecify.annotations.NullMarked;
