package io.adacache.internal;

import io.adacache.event.SpanRecord;
import io.adacache.layout.Span;
import io.adacache.metric.Measure;
import io.adacache.metric.Sums;
import io.adacache.policy.Decision;
import io.adacache.policy.StepPlan;
import io.adacache.policy.StepView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A step in progress: its plan, its decisions and the numbers measured so far. */
final class Step implements StepView {
    final Set<String> called = new LinkedHashSet<>();
    final Map<Span, Decision> decisions = new LinkedHashMap<>();
    final Map<Span, SpanRecord> records = new LinkedHashMap<>();

    @Nullable
    StepPlan plan;

    long nanos;
    private final int number;
    private final Map<Measure.Distance, List<Sums>> distances = new HashMap<>();
    private final Map<Measure.Motion, List<List<Sums>>> motions = new HashMap<>();

    Step(int number) {
        this.number = number;
    }

    void add(Measure.Distance measure, Sums sums) {
        distances.computeIfAbsent(measure, key -> new ArrayList<>()).add(sums);
    }

    void add(Measure.Motion measure, List<Sums> perStride) {
        motions.computeIfAbsent(measure, key -> new ArrayList<>()).add(perStride);
    }

    /** Records a decision; a span that one branch had to compute counts as computed. */
    void record(Span key, SpanRecord record) {
        records.merge(key, record, (before, now) -> before.computed() ? before : now);
    }

    @Override
    public int step() {
        return number;
    }

    @Override
    public Optional<Sums> distance(Measure.Distance measure) {
        return Optional.ofNullable(distances.get(measure)).map(Sums::merge);
    }

    @Override
    public List<Sums> motion(Measure.Motion measure) {
        List<List<Sums>> perBranch = motions.getOrDefault(measure, List.of());
        List<Sums> merged = new ArrayList<>();
        for (int i = 0; i < measure.strides().size() && !perBranch.isEmpty(); i++) {
            int stride = i;
            merged.add(
                    Sums.merge(perBranch.stream().map(sums -> sums.get(stride)).toList()));
        }
        return merged;
    }
}
