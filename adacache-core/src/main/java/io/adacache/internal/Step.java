package io.adacache.internal;

import io.adacache.event.Trace.PartRecord;
import io.adacache.layout.Part;
import io.adacache.metric.Measure;
import io.adacache.policy.Decision;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/** A step in progress: its numbers so far, its plan and its decisions. */
final class Step extends StepNumbers {
    final Set<String> called = new LinkedHashSet<>();
    final Map<Part, Decision> decisions = new LinkedHashMap<>();
    final Map<Part, PartRecord> records = new LinkedHashMap<>();
    /** Empty until the branch that is called first has planned the step. */
    List<? extends Part> plan = List.of();

    long nanos;
    OptionalDouble affordable = OptionalDouble.empty();

    Step(int number, Set<Measure> declared) {
        super(number, declared);
    }

    @Override
    public OptionalDouble affordable() {
        return affordable;
    }

    /** Whether all was computed. */
    boolean isComputed() {
        return records.values().stream().allMatch(PartRecord::computed);
    }

    /** Records a decision; a part that one branch had to compute counts as computed. */
    void record(PartRecord record) {
        records.merge(record.part(), record, (before, now) -> before.computed() ? before : now);
    }
}
