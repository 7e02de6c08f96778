/** What a service touches: policies by preset or by name, sessions, their stats and traces. */
@NullMarked
package io.adacache;

import org.jspecify.annotations.NullMarked;
