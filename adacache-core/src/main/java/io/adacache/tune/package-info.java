/** Policies without a model: recorded or made-up numbers in, schedules out. */
@NullMarked
package io.adacache.tune;

import org.jspecify.annotations.NullMarked;
