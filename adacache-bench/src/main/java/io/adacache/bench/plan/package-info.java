/** Schedules without a model: layouts by name, numbers from files, and how a schedule is shown. */
@NullMarked
package io.adacache.bench.plan;

import org.jspecify.annotations.NullMarked;
