package io.adacache.djl.torture;

import static org.assertj.core.api.Assertions.assertThat;

import io.adacache.djl.TestModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * What a service may do to a model, and what a model file may do to a service: tried at random, in JVMs of their own with limits of
 * heap and time. The short form runs with the other tests; {@code ./mvnw verify -Ptorture} runs the long form. Both leave a table of
 * what was tried and what held in {@code target/torture.txt}.
 */
@EnabledOnOs(OS.LINUX)
class TortureTest {
    private static final boolean LONG = Boolean.getBoolean("torture");
    private static final long SEED = Long.getLong("torture.seed", 20261127);
    private static final int MOST_MEGABYTES = 600;
    private static final List<String> TABLE = new ArrayList<>();

    private static int count(int small, int large) {
        return LONG ? large : small;
    }

    @TestFactory
    Stream<DynamicTest> inputs() {
        return Stream.of(TestModels.SMALL, TestModels.OPAQUE, TestModels.OPEN_SORA)
                .skip(LONG ? 0 : 1)
                .map(file -> held("random inputs, " + file, child(RandomInputs.class, file, count(60, 1000), SEED)));
    }

    @TestFactory
    Stream<DynamicTest> predictAgainstClose() {
        return Stream.of(TestModels.SMALL, TestModels.OPEN_SORA, TestModels.OPAQUE)
                .skip(LONG ? 0 : 2)
                .map(file -> held(
                        "predict against close, " + file,
                        child(PredictAgainstClose.class, file, count(30, 1700), SEED)));
    }

    @TestFactory
    Stream<DynamicTest> ends() {
        return Stream.of(
                held("closes, cancels, interrupts", child(RandomEnds.class, count(60, 3000), SEED)),
                held("managers closed in mid-step", child(LostManagers.class, count(300, 1000))),
                held(
                        "heap full during close",
                        child(FullHeap.class, count(10, 60)).heap("64m")));
    }

    @TestFactory
    Stream<DynamicTest> files() {
        return Stream.of(
                held("wrong methods", child(WrongMethods.class, count(2, 10))),
                held("mutated files, exported", child(MutatedFiles.class, count(60, 2000), SEED, 4)),
                held("mutated files, instrumented", child(MutatedFiles.class, count(24, 1000), SEED, 4, "tiny.pt")));
    }

    /** Writes 4 GiB, so it is part of the long form alone. */
    @TestFactory
    Stream<DynamicTest> large() {
        return LONG
                ? Stream.of(held(
                        "a file over 4 GiB",
                        child(LargeArchive.class, Path.of("target").toAbsolutePath())))
                : Stream.of();
    }

    @TestFactory
    Stream<DynamicTest> soak() {
        DynamicTest one = held("generations on one thread", soak(count(200, 2000), false));
        DynamicTest each = held("generations on a thread each", soak(1000, true).environment("MALLOC_ARENA_MAX", "2"));
        return LONG ? Stream.of(one, each) : Stream.of(one);
    }

    /** The whole heap is there from the beginning, so that its growth does not count. */
    private static ChildJvm soak(int generations, boolean threads) {
        return child(Soak.class, generations, threads).heap("64m").options("-Xms64m", "-XX:+AlwaysPreTouch");
    }

    @TestFactory
    Stream<DynamicTest> terminated() {
        Random random = new Random(SEED);
        return Stream.of(TestModels.OPEN_SORA, TestModels.SMALL)
                .map(file -> DynamicTest.dynamicTest("told to end, " + file, () -> {
                    int children = count(1, 10);
                    int held = 0;
                    for (int i = 0; i < children; i++) {
                        ChildJvm.Ended ended = child(Ending.class, file)
                                .options("-Dio.adacache.shutdown.seconds=0")
                                .terminated("running", Duration.ofMillis(random.nextInt(1500)));
                        // 143 is what a JVM that was told to end (SIGTERM) ends with.
                        held += !ended.crashed() && ended.inTime() && ended.exit() == 143 ? 1 : 0;
                    }
                    row("told to end (SIGTERM), " + file, children, held, 0);
                    assertThat(held).as("seed %d", SEED).isEqualTo(children);
                }));
    }

    private static ChildJvm child(Class<?> main, Object... arguments) {
        return ChildJvm.of(main)
                .arguments(arguments)
                .options("-Dorg.slf4j.simpleLogger.defaultLogLevel=error")
                .limit(Duration.ofMinutes(LONG ? 60 : 5));
    }

    private static DynamicTest held(String name, ChildJvm child) {
        return DynamicTest.dynamicTest(name, () -> {
            ChildJvm.Ended ended = child.run();
            assertThat(ended.crashed()).as("crash: %s", ended.output()).isFalse();
            assertThat(ended.inTime()).as("hang: %s", ended.output()).isTrue();
            row(name, ended.number("tried"), ended.number("held"), ended.number("megabytes"));
            assertThat(ended.number("held"))
                    .as("seed %d: %s", SEED, ended.output())
                    .isEqualTo(ended.number("tried"));
            assertThat(ended.number("megabytes")).isLessThan(MOST_MEGABYTES);
            assertThat(ended.exit()).as(ended.output()).isZero();
        });
    }

    private static void row(String name, long tried, long held, long megabytes) {
        TABLE.add(String.format("%-45s %8d %8d %8s", name, tried, held, megabytes == 0 ? "" : megabytes));
    }

    @AfterAll
    static void table() throws IOException {
        TABLE.add(0, String.format("%-45s %8s %8s %8s", "what (seed " + SEED + ")", "tried", "held", "peak MB"));
        Files.write(Path.of("target", "torture.txt"), TABLE);
    }
}
