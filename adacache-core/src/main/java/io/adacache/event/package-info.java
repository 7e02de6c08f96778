/** What a session reports: one record per step. */
@NullMarked
package io.adacache.event;

import org.jspecify.annotations.NullMarked;
