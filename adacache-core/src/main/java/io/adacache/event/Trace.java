package io.adacache.event;

import io.adacache.layout.Part;
import io.adacache.layout.Site;
import io.adacache.layout.Span;
import io.adacache.policy.Decision.Reason;
import io.adacache.policy.Figures;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/**
 * The record of a generation: what was announced, and what was decided and measured in each step. Of a session or, without a model, of a
 * replay, where times and bytes are 0.
 *
 * @param policy name of the policy
 * @param announcedSteps number of steps that was announced
 * @param steps one record per completed step
 */
public record Trace(String policy, int announcedSteps, List<StepRecord> steps) {
    /** Copies the list. */
    public Trace {
        steps = List.copyOf(steps);
    }

    /** Returns the numbers of the steps in which everything was computed. */
    public List<Integer> computedSteps() {
        return where(StepRecord::isComputed);
    }

    /** Returns the numbers of the steps in which nothing was computed but embedding and head. */
    public List<Integer> reusedSteps() {
        return where(StepRecord::isReused);
    }

    /** Returns the numbers of the steps in which some spans were computed. */
    public List<Integer> partialSteps() {
        return where(step -> !step.isComputed() && !step.isReused());
    }

    /** Returns the numbers of the steps in which a site was reused. */
    public List<Integer> reusedSteps(Site site) {
        return where(step -> step.parts().stream()
                .filter(record -> !(record.part() instanceof Span span) || span.contains(site.index()))
                .anyMatch(record -> !record.computed()));
    }

    private List<Integer> where(Predicate<StepRecord> which) {
        return steps.stream().filter(which).map(StepRecord::step).toList();
    }

    /** Returns the number of computed steps, where a step computed in part counts by its share of computed sites. */
    public double work() {
        return steps.stream().mapToDouble(StepRecord::computedShare).sum();
    }

    /**
     * All that is reported of one step: the one record behind listener, stats and trace.
     *
     * @param step the step's number, from 1
     * @param parts what was decided, in order
     * @param figures the figures behind the decisions; empty where none were measured
     * @param nanos time inside the session, all branches of the step together
     * @param bytesHeld bytes of kept tensors after the step
     * @param bytesPeak most bytes of tensors known to the session at any moment of the step: kept, hidden states and residuals, not
     *     what the model uses inside a call
     */
    public record StepRecord(
            int step, List<PartRecord> parts, List<Figures> figures, long nanos, long bytesHeld, long bytesPeak) {
        /** Copies the lists. */
        public StepRecord {
            parts = List.copyOf(parts);
            figures = List.copyOf(figures);
        }

        /** Whether everything was computed. */
        public boolean isComputed() {
            return parts.stream().allMatch(PartRecord::computed);
        }

        /** Whether nothing was computed but what is in every step (embedding and head). */
        public boolean isReused() {
            return parts.stream().noneMatch(PartRecord::computed);
        }

        /** Returns what was decided, in one word for logs and reports: {@code computed}, {@code reused} or {@code partial}. */
        public String decision() {
            return isComputed() ? "computed" : isReused() ? "reused" : "partial";
        }

        /** Returns the share of sites that were computed, 0 to 1. */
        public double computedShare() {
            int sites = 0;
            int computed = 0;
            for (PartRecord record : parts) {
                sites += record.part().size();
                computed += record.computed() ? record.part().size() : 0;
            }
            return sites == 0 ? 1 : (double) computed / sites;
        }
    }

    /**
     * What was decided of one part of a step.
     *
     * @param part a span, or the whole call
     * @param computed whether it was computed
     * @param reason why
     */
    public record PartRecord(Part part, boolean computed, Reason reason) {}

    /** How a generation ended: one vocabulary for events, statistics and log lines. */
    public enum Ending {
        /** Some announced steps are still to be run. */
        RUNNING,
        /** All announced steps were run; statistics say so behind the last one, events when the session is closed. */
        COMPLETED,
        /** It was closed before all announced steps were run. */
        CUT_SHORT,
        /** It was closed before its first step. */
        UNUSED,
        /** It was cancelled, or closed by another thread inside a step. */
        CANCELLED,
        /** Its thread was interrupted; the interrupt is still set. */
        INTERRUPTED,
        /** Its deadline passed. */
        TIMED_OUT,
        /** Something was thrown. */
        FAILED;

        /** Returns the word for logs and reports: {@code cut-short}. */
        public String id() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }
}
