package io.adacache.flight;

import static org.assertj.core.api.Assertions.assertThat;

import io.adacache.CacheSession;
import io.adacache.Policies;
import io.adacache.testkit.FloatTensor;
import io.adacache.testkit.Layouts;
import io.adacache.testkit.LinearTransformer;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a flight recording shows of generations, and that there is nothing to pay while none runs. */
class FlightTest {
    private static final int STEPS = 6;

    private final LinearTransformer model = LinearTransformer.of(Layouts.openSora(2));

    @TempDir
    private Path folder;

    private void generate(String id, int steps) {
        try (CacheSession<FloatTensor> session = CacheSession.builder(model)
                .policy(Policies.parse("every-2"))
                .steps(STEPS)
                .id(id)
                .begin()) {
            for (int step = 0; step < steps; step++) {
                session.step(model.inputs(step, 1, 2, 2, 2));
            }
        }
    }

    private List<RecordedEvent> recorded(Recording recording, String id) throws Exception {
        recording.stop();
        Path file = folder.resolve("flight.jfr");
        recording.dump(file);
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().startsWith("io.adacache.")
                        && event.getString("session").equals(id))
                .toList();
    }

    private static List<RecordedEvent> named(List<RecordedEvent> events, String name) {
        return events.stream()
                .filter(event -> event.getEventType().getName().equals("io.adacache." + name))
                .toList();
    }

    @Test
    void aGenerationAndItsStepsAreRecorded() throws Exception {
        try (Recording recording = new Recording()) {
            recording.start();
            generate("whole", STEPS);
            List<RecordedEvent> events = recorded(recording, "whole");
            assertThat(named(events, "Generation")).singleElement().satisfies(event -> {
                assertThat(event.getString("policy")).isEqualTo("every:n=2");
                assertThat(event.getString("ending")).isEqualTo("completed");
                assertThat(event.getInt("announcedSteps")).isEqualTo(STEPS);
                assertThat(event.getInt("steps")).isEqualTo(STEPS);
                assertThat(event.getInt("computedSteps") + event.getInt("reusedSteps"))
                        .isEqualTo(STEPS);
                assertThat(event.getInt("reusedSteps")).isPositive();
                assertThat(event.getLong("bytesPeak")).isPositive();
            });
            assertThat(named(events, "Step"))
                    .extracting(event -> event.getInt("step"))
                    .containsExactly(1, 2, 3, 4, 5, 6);
            assertThat(named(events, "Step"))
                    .extracting(event -> event.getString("decision"))
                    .contains("computed", "reused");
            assertThat(named(events, "Decision")).as("not asked for").isEmpty();
        }
    }

    @Test
    void decisionsAreRecordedWhereAskedFor() throws Exception {
        try (Recording recording = new Recording()) {
            recording.enable("io.adacache.Decision");
            recording.disable("io.adacache.Step");
            recording.start();
            generate("decisions", STEPS);
            List<RecordedEvent> events = recorded(recording, "decisions");
            assertThat(named(events, "Step")).isEmpty();
            assertThat(named(events, "Decision")).hasSize(STEPS).allSatisfy(event -> {
                assertThat(event.getString("reason")).isNotEmpty();
                assertThat(event.getString("part")).isNotEmpty();
            });
        }
    }

    @Test
    void aRecordingThatBeginsInTheMiddleSeesTheRest() throws Exception {
        try (Recording recording = new Recording()) {
            try (CacheSession<FloatTensor> session =
                    CacheSession.builder(model).steps(STEPS).id("middle").begin()) {
                session.step(model.inputs(1, 1, 2, 2, 2));
                recording.start();
                session.step(model.inputs(2, 1, 2, 2, 2));
            }
            List<RecordedEvent> events = recorded(recording, "middle");
            assertThat(named(events, "Step"))
                    .extracting(event -> event.getInt("step"))
                    .containsExactly(2);
            assertThat(named(events, "Generation")).singleElement().satisfies(event -> {
                assertThat(event.getString("ending")).isEqualTo("cut-short");
                assertThat(event.getInt("steps")).isEqualTo(2);
            });
        }
    }

    /** Asking is all that a session does where nobody records; a recording that has ended leaves no cost behind either. */
    @Test
    void nothingIsAllocatedWhileNobodyRecords() {
        try (Recording recording = new Recording()) {
            recording.start();
            assertThat(Flight.isRecording()).isTrue();
            recording.stop();
        }
        assertThat(allocatedByAsking(1_000)).as("settled").isNotNegative();
        assertThat(allocatedByAsking(100_000)).isZero();
    }

    private static long allocatedByAsking(int times) {
        com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long me = Thread.currentThread().getId();
        boolean any = false;
        long before = threads.getThreadAllocatedBytes(me);
        for (int i = 0; i < times; i++) {
            any |= Flight.isRecording();
        }
        long after = threads.getThreadAllocatedBytes(me);
        assertThat(any).as("no recording").isFalse();
        return after - before;
    }
}
