package io.adacache.event;

import io.adacache.layout.Span;
import io.adacache.policy.Reason;
import org.jspecify.annotations.Nullable;

/**
 * What was decided of one span, or of a whole call.
 *
 * @param span the span, or null for a whole call
 * @param computed whether it was computed
 * @param reason why
 */
public record SpanRecord(@Nullable Span span, boolean computed, Reason reason) {}
