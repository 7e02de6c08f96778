/** What a session tells Java Flight Recorder. */
@NullMarked
package io.adacache.flight;

import org.jspecify.annotations.NullMarked;
