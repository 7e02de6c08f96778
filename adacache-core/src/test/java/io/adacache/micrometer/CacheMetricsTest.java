package io.adacache.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import io.adacache.CacheSession;
import io.adacache.Policies;
import io.adacache.testkit.FloatTensor;
import io.adacache.testkit.Layouts;
import io.adacache.testkit.LinearTransformer;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What the meters say of generations, and that no tag grows. */
class CacheMetricsTest {
    private static final int STEPS = 6;

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final CacheMetrics metrics = new CacheMetrics(registry);
    private final LinearTransformer model = LinearTransformer.of(Layouts.openSora(2));

    private CacheSession<FloatTensor> begin(String policy, String id) {
        return CacheSession.builder(model)
                .policy(Policies.parse(policy))
                .steps(STEPS)
                .id(id)
                .listener(metrics)
                .begin();
    }

    private double gauge(String name) {
        return registry.get(name).gauge().value();
    }

    private long steps(String decision) {
        return registry.get("adacache.step").tag("decision", decision).timer().count();
    }

    @Test
    void stepsAndGenerationsAreCounted() {
        try (CacheSession<FloatTensor> session = begin("every-2", "one")) {
            assertThat(gauge("adacache.generation.active")).isEqualTo(1);
            for (int step = 0; step < STEPS; step++) {
                session.step(model.inputs(step, 1, 2, 2, 2));
                assertThat(gauge("adacache.cache.held"))
                        .isEqualTo(session.trace().steps().get(step).bytesHeld());
            }
            assertThat(steps("computed")).isEqualTo(session.stats().computedSteps());
            assertThat(steps("reused")).isEqualTo(session.stats().reusedSteps()).isPositive();
        }
        assertThat(gauge("adacache.generation.active")).isZero();
        assertThat(gauge("adacache.cache.held")).isZero();
        assertThat(registry.get("adacache.generation")
                        .tags("ending", "completed", "policy", "every:n=2", "model", model.name())
                        .timer()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void aGenerationThatIsCancelledGivesBackWhatItHeld() {
        try (CacheSession<FloatTensor> session = begin("every-3", "two")) {
            session.step(model.inputs(1, 1, 2, 2, 2));
            assertThat(gauge("adacache.cache.held")).isPositive();
            session.cancel();
        }
        assertThat(gauge("adacache.cache.held")).isZero();
        assertThat(registry.get("adacache.generation")
                        .tag("ending", "cancelled")
                        .timer()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void sessionsOfOneIdAreTwo() {
        try (CacheSession<FloatTensor> one = begin("none", "same");
                CacheSession<FloatTensor> other = begin("none", "same")) {
            assertThat(one.id()).isEqualTo(other.id());
            assertThat(gauge("adacache.generation.active")).isEqualTo(2);
        }
        assertThat(gauge("adacache.generation.active")).isZero();
    }

    @Test
    void measuredChangeIsSummarised() {
        try (CacheSession<FloatTensor> session = begin("adacache-fast", "measured")) {
            for (int step = 0; step < STEPS; step++) {
                session.step(model.inputs(step, 1, 2, 2, 2));
            }
        }
        assertThat(registry.get("adacache.change").summary().count()).isPositive();
    }

    @Test
    void policiesThatClientsThinkOfDoNotMakeTagsGrow() {
        for (int interval = 1; interval <= 100; interval++) {
            try (CacheSession<FloatTensor> session = begin("every:n=" + interval, "client " + interval)) {
                session.step(model.inputs(1, 1, 2, 2, 2));
            }
        }
        Set<String> policies = registry.getMeters().stream()
                .map(Meter::getId)
                .map(id -> id.getTag("policy"))
                .filter(tag -> tag != null)
                .collect(Collectors.toSet());
        assertThat(policies).hasSize(33).contains("other");
        assertThat(registry.getMeters())
                .flatExtracting(meter -> meter.getId().getTags())
                .extracting(Tag::getKey)
                .containsOnly("policy", "model", "ending", "decision");
    }
}
