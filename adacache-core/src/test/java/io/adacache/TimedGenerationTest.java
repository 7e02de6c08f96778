package io.adacache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.adacache.internal.SessionEngine;
import io.adacache.internal.SessionOptions;
import io.adacache.policy.Generation;
import io.adacache.spi.TensorOps.Storage;
import io.adacache.testkit.FloatTensor;
import io.adacache.testkit.Layouts;
import io.adacache.testkit.LinearTransformer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

/** Whole generations under a time, on machines whose speed is made up: the time is kept within a twentieth, or there was an early word. */
class TimedGenerationTest {
    private static final int STEPS = 30;
    private static final double NANOS = 1e9;
    private static final double NEAR = 0.05;
    private static final double REUSED = 0.02;

    private final LinearTransformer model = LinearTransformer.of(Layouts.openSora(1));

    /**
     * What became of a generation.
     *
     * @param off what it took over what it was to take, less one
     * @param saidAt at which step something was said first; 0 if nothing was
     */
    private record Took(double off, int saidAt, int computed, List<String> said) {
        boolean isKept() {
            return Math.abs(off) <= NEAR || (saidAt > 0 && saidAt < STEPS);
        }
    }

    /** A step that is computed takes as long as the machine says, one that is reused a fiftieth. */
    private Took generate(String policy, double seconds, IntToDoubleFunction machine) {
        AtomicLong clock = new AtomicLong();
        SessionOptions options = new SessionOptions(
                "t",
                List.of(),
                false,
                false,
                Optional.empty(),
                clock::get,
                () -> {},
                OptionalDouble.of(seconds),
                Optional.empty(),
                Map.of(),
                Storage.FULL);
        SessionEngine<FloatTensor> engine =
                new SessionEngine<>(model, Policies.parse(policy), Generation.of(STEPS), options);
        try {
            int saidAt = 0;
            int computed = 0;
            int before = engine.warnings().size();
            for (int step = 1; step <= STEPS; step++) {
                model.ops().release(engine.next("single", model.inputs(step, 1, 2, 2, 2)));
                saidAt = saidAt == 0 && engine.warnings().size() > before ? step : saidAt;
                boolean isComputed = engine.records().get(step - 1).isComputed();
                computed += isComputed ? 1 : 0;
                clock.addAndGet((long) (machine.applyAsDouble(step) * (isComputed ? 1 : REUSED) * NANOS));
            }
            return new Took(clock.get() / NANOS / seconds - 1, saidAt, computed, List.copyOf(engine.warnings()));
        } finally {
            engine.close();
        }
    }

    /** The first two steps of a process take long, because the engine compiles; the time is spent all the same. */
    @Test
    void timeThatWasTakenForShortIsSpentWhenItIsSeenToBeThere() {
        Took took = generate("adacache-plus:quality=0.1", 15, step -> step == 1 ? 4 : step == 2 ? 3.5 : 0.5);
        assertThat(took.off()).as("%s", took).isCloseTo(0, within(NEAR));
        assertThat(took.computed()).isGreaterThan(10);
    }

    @Test
    void driftIsFollowed() {
        long seed = 20261128;
        Random random = new Random(seed);
        List<String> missed = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            double drift = Math.exp(random.nextGaussian() / 5);
            double settling = 3 * random.nextDouble();
            double seconds = STEPS * (0.45 + 0.4 * random.nextDouble());
            Took took = generate(
                    "adacache-plus:quality=0.1",
                    seconds,
                    step -> (step == 1 ? 1 + settling : 1)
                            * Math.pow(drift, (double) step / STEPS)
                            * (0.98 + 0.04 * random.nextDouble()));
            if (!took.isKept()) {
                missed.add(String.format("drift %.2f, %.1f s: %s", drift, seconds, took));
            }
        }
        assertThat(missed).as("of 300, seed %d", seed).hasSizeLessThanOrEqualTo(3);
    }

    /** Steps that take from half to twice as long as usual. */
    @Test
    void onAMachineThatStumblesThereIsAnEarlyWord() {
        long seed = 20261129;
        Random random = new Random(seed);
        int kept = 0;
        for (int i = 0; i < 300; i++) {
            double noise = 0.4 * random.nextDouble();
            Took took = generate(
                    "adacache-plus:quality=0.1",
                    STEPS * 0.5,
                    step -> (step == 1 ? 3 : 1) * Math.exp(noise * random.nextGaussian()));
            kept += took.isKept() ? 1 : 0;
        }
        assertThat(kept).as("of 300, seed %d", seed).isGreaterThanOrEqualTo(294);
    }

    /** A setting that asks for fewer steps than there is time for. */
    @Test
    void whatNeedsLessThanTheTimeSaysSo() {
        Took took = generate("adacache-plus:calls=8", 20, step -> 1);
        assertThat(took.computed()).isEqualTo(8);
        assertThat(took.said()).anyMatch(line -> line.contains("ends earlier"));
        assertThat(took.saidAt()).isLessThan(STEPS);
    }
}
