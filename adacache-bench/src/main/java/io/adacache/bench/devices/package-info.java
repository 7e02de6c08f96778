/** What several devices that share a generation would move, and how long it would take: a simulation. */
@NullMarked
package io.adacache.bench.devices;

import org.jspecify.annotations.NullMarked;
