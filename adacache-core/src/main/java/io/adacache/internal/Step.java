package io.adacache.internal;

import io.adacache.event.SpanRecord;
import io.adacache.layout.Span;
import io.adacache.policy.Decision;
import io.adacache.policy.StepNumbers;
import io.adacache.policy.StepPlan;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A step in progress: its numbers so far, its plan and its decisions. */
final class Step extends StepNumbers {
    final Set<String> called = new LinkedHashSet<>();
    final Map<Span, Decision> decisions = new LinkedHashMap<>();
    final Map<Span, SpanRecord> records = new LinkedHashMap<>();

    @Nullable
    StepPlan plan;

    long nanos;

    Step(int number) {
        super(number);
    }

    /** Records a decision; a span that one branch had to compute counts as computed. */
    void record(Span key, SpanRecord record) {
        records.merge(key, record, (before, now) -> before.computed() ? before : now);
    }
}
