/** Meters for services that use Micrometer, which is an optional dependency. */
@NullMarked
package io.adacache.micrometer;

import org.jspecify.annotations.NullMarked;
