package io.adacache.bench.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What a long run says of itself where nobody looks at a terminal. */
class ProgressTest {
    private final AtomicLong now = new AtomicLong();
    private final List<String> lines = new ArrayList<>();

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }

    @Test
    void aLineAMinuteWithWhatIsLeft() {
        try (Progress progress = Progress.lines("search", 10, now::get, lines::add)) {
            progress.say("easycache");
            pass(Duration.ofSeconds(59));
            progress.step();
            assertThat(lines).isEmpty();
            pass(Duration.ofSeconds(61));
            progress.step();
            progress.say("teacache");
            pass(Duration.ofSeconds(30));
            progress.step();
            assertThat(lines).containsExactly("search: 2 of 10 after 2 min, about 8 min left: easycache");
            pass(Duration.ofSeconds(30));
            progress.say("even");
            assertThat(lines).hasSize(2).last().asString().startsWith("search: 3 of 10 after 3 min, about 7 min left");
        }
    }

    @Test
    void nothingIsForetoldBeforeAPartIsDone() {
        try (Progress progress = Progress.lines("test", 4, now::get, lines::add)) {
            pass(Duration.ofMinutes(2));
            progress.say("none");
        }
        assertThat(lines).containsExactly("test: 0 of 4 after 2 min: none");
    }
}
