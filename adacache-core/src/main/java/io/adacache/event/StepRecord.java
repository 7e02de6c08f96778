package io.adacache.event;

import io.adacache.layout.Span;
import io.adacache.policy.Figures;
import java.util.List;

/**
 * All that a session reports of one step: the one record behind listener, stats and trace.
 *
 * @param step the step's number, from 1
 * @param spans what was decided, in order
 * @param figures the figures behind the decisions; empty where none were measured
 * @param nanos time inside the session, all branches of the step together
 * @param bytesHeld bytes of kept tensors after the step
 * @param bytesPeak most bytes of tensors known to the session at any moment of the step: kept, hidden states and residuals, not
 *     what the model uses inside a call
 */
public record StepRecord(
        int step, List<SpanRecord> spans, List<Figures> figures, long nanos, long bytesHeld, long bytesPeak) {
    /** Copies the lists. */
    public StepRecord {
        spans = List.copyOf(spans);
        figures = List.copyOf(figures);
    }

    /** Whether everything was computed. */
    public boolean isComputed() {
        return spans.stream().allMatch(SpanRecord::computed);
    }

    /** Returns the share of sites that were computed, 0 to 1. */
    public double computedShare() {
        int sites = 0;
        int computed = 0;
        for (SpanRecord record : spans) {
            Span span = record.span();
            int size = span == null ? 1 : span.size();
            sites += size;
            computed += record.computed() ? size : 0;
        }
        return sites == 0 ? 1 : (double) computed / sites;
    }

    /** Whether nothing was computed but what is in every step (embedding and head). */
    public boolean isReused() {
        return spans.stream().noneMatch(SpanRecord::computed);
    }
}
