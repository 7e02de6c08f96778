package io.adacache.bench.report;

import io.adacache.event.Trace.PartRecord;
import io.adacache.event.Trace.StepRecord;
import io.adacache.policy.Figures;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A step of a generation, as reports show it.
 *
 * @param step from 1
 * @param state what was computed
 * @param reasons why, each once
 * @param millis how long it took
 * @param figures what the policy measured and decided, by place and name
 */
public record StepLine(int step, State state, List<String> reasons, double millis, List<Map<String, Double>> figures) {
    private static final double NANOS = 1e6;

    /** How much of a step was computed. */
    public enum State {
        /** Everything. */
        COMPUTED,
        /** Nothing but embedding and head. */
        REUSED,
        /** Some spans. */
        PARTIAL
    }

    /** Copies the lists. */
    public StepLine {
        reasons = List.copyOf(reasons);
        figures = List.copyOf(figures);
    }

    /** Returns the lines of a trace. */
    public static List<StepLine> of(List<StepRecord> steps) {
        return steps.stream().map(StepLine::of).toList();
    }

    private static StepLine of(StepRecord step) {
        State state = step.isComputed() ? State.COMPUTED : step.isReused() ? State.REUSED : State.PARTIAL;
        List<String> reasons = step.parts().stream()
                .map(PartRecord::reason)
                .map(reason -> reason.id())
                .distinct()
                .toList();
        List<Map<String, Double>> figures = new ArrayList<>();
        for (Figures each : step.figures()) {
            figures.add(each.asMap());
        }
        return new StepLine(step.step(), state, reasons, step.nanos() / NANOS, figures);
    }
}
