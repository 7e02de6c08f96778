package io.adacache.flight;

import io.adacache.event.CacheListener.SessionInfo;
import io.adacache.event.Trace.Ending;
import io.adacache.event.Trace.PartRecord;
import io.adacache.event.Trace.StepRecord;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One session as flight recordings see it. One thread at a time, as the session itself. */
public final class SessionFlight {
    private final SessionInfo session;
    private final GenerationEvent generation = new GenerationEvent();
    private @Nullable StepEvent step;

    SessionFlight(SessionInfo session) {
        this.session = session;
        generation.begin();
    }

    /** Called when a step begins. */
    public void stepBegun() {
        step = new StepEvent();
        step.begin();
    }

    /** Called when all branches of a step are done. */
    public void step(StepRecord record) {
        StepEvent event = step == null ? new StepEvent() : step;
        step = null;
        event.end();
        if (event.shouldCommit()) {
            event.session = session.id();
            event.policy = session.policy();
            event.step = record.step();
            event.decision = record.decision();
            event.computedShare = (float) record.computedShare();
            event.inside = record.nanos();
            event.bytesHeld = record.bytesHeld();
            event.bytesPeak = record.bytesPeak();
            event.commit();
        }
        decisions(record);
    }

    private void decisions(StepRecord record) {
        for (int i = 0; i < record.parts().size(); i++) {
            DecisionEvent event = new DecisionEvent();
            if (!event.shouldCommit()) {
                return;
            }
            PartRecord part = record.parts().get(i);
            event.session = session.id();
            event.step = record.step();
            event.part = part.part().toString();
            event.computed = part.computed();
            event.reason = part.reason().id();
            event.figures =
                    i < record.figures().size() ? record.figures().get(i).toString() : "";
            event.commit();
        }
    }

    /** Called once, when the session ends. */
    public void ended(Ending how, String reason, List<StepRecord> records) {
        generation.end();
        if (!generation.shouldCommit()) {
            return;
        }
        generation.session = session.id();
        generation.model = session.model();
        generation.policy = session.policy();
        generation.announcedSteps = session.generation().steps();
        generation.steps = records.size();
        generation.computedSteps =
                (int) records.stream().filter(StepRecord::isComputed).count();
        generation.reusedSteps =
                (int) records.stream().filter(StepRecord::isReused).count();
        generation.ending = how.id();
        generation.reason = reason;
        generation.bytesHeld =
                records.stream().mapToLong(StepRecord::bytesHeld).max().orElse(0);
        generation.bytesPeak =
                records.stream().mapToLong(StepRecord::bytesPeak).max().orElse(0);
        generation.commit();
    }
}
