package io.adacache.replay;

import io.adacache.event.SpanRecord;
import io.adacache.event.StepRecord;
import io.adacache.layout.Layout;
import io.adacache.layout.Site;
import io.adacache.layout.Span;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What a policy computes and reuses, step by step.
 *
 * @param policy name of the policy
 * @param layout the model's sites
 * @param steps one record per step; times and bytes are 0
 */
public record Schedule(String policy, Layout layout, List<StepRecord> steps) {
    /** Copies the list. */
    public Schedule {
        steps = List.copyOf(steps);
    }

    /** Returns the steps, from 1, in which everything is computed. */
    public List<Integer> computed() {
        return where(StepRecord::isComputed);
    }

    /** Returns the steps in which nothing is computed but embedding and head. */
    public List<Integer> reused() {
        return where(StepRecord::isReused);
    }

    /** Returns the steps in which some spans are computed. */
    public List<Integer> partial() {
        return where(step -> !step.isComputed() && !step.isReused());
    }

    private List<Integer> where(Predicate<StepRecord> which) {
        return steps.stream().filter(which).map(StepRecord::step).toList();
    }

    /** Returns the steps in which a site is reused. */
    public List<Integer> reused(Site site) {
        return where(step -> span(step, site).filter(span -> !span.computed()).isPresent());
    }

    private static Optional<SpanRecord> span(StepRecord step, Site site) {
        return step.spans().stream()
                .filter(record -> {
                    Span span = record.span();
                    return span == null || span.contains(site.index());
                })
                .findFirst();
    }

    /** Returns the number of computed steps, where a partial step counts by its share of computed sites. */
    public double work() {
        return steps.stream().mapToDouble(StepRecord::computedShare).sum();
    }
}
