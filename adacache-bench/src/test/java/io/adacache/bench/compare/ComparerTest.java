package io.adacache.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.adacache.bench.files.OutputFolder;
import io.adacache.bench.pipeline.Conditioning;
import io.adacache.bench.pipeline.DemoModel;
import io.adacache.bench.pipeline.DemoSettings;
import io.adacache.bench.pipeline.GuidanceMode;
import io.adacache.bench.pipeline.InterruptedGeneration;
import io.adacache.bench.pipeline.Pictures;
import io.adacache.bench.pipeline.Pipeline;
import io.adacache.bench.pipeline.Recipe;
import io.adacache.bench.pipeline.Workers;
import io.adacache.bench.quality.Networks;
import io.adacache.bench.report.Case;
import io.adacache.bench.report.Run;
import io.adacache.djl.Manifest;
import io.adacache.djl.TorchScriptTransformer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A comparison that is interrupted keeps the cases that are done, and goes on with the others. */
class ComparerTest {
    private static final Contest CONTEST = new Contest(List.of("none", "every-2"), 1, false);
    private static TorchScriptTransformer model;

    @TempDir
    Path folder;

    @BeforeAll
    static void load() {
        model = TorchScriptTransformer.load(DemoModel.copyOut(), Device.cpu());
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static Comparer comparer() {
        Manifest manifest = model.manifest();
        DemoSettings settings = DemoSettings.of(manifest);
        Pipeline pipeline = new Pipeline(
                model,
                Recipe.of(manifest).with(3).make(manifest, settings.latent(), 32, 32),
                GuidanceMode.BATCHED,
                3,
                settings.latent());
        Comparer comparer = new Comparer(CONTEST, Networks.NONE);
        for (String prompt : List.of("a red circle", "a blue ring", "a green square moving fast to the left")) {
            Conditioning conditioning = settings.conditioning(prompt);
            comparer.add(pipeline, new Case(prompt, 7, 3), conditioning);
        }
        return comparer;
    }

    private static Unfinished unfinished(OutputFolder open, String setting) {
        return Unfinished.open(open, Map.of("setting", setting), "the command");
    }

    /** Interrupts the thread as the n-th policy begins. */
    private static Consumer<String> interrupting(int n, List<String> heard) {
        return name -> {
            heard.add(name);
            if (heard.size() == n) {
                Thread.currentThread().interrupt();
            }
        };
    }

    @Test
    void anInterruptedRunGoesOnWhereItStopped() {
        List<String> heard = new ArrayList<>();
        try (OutputFolder open = OutputFolder.open(folder)) {
            // Two to warm up, two of the first case; the fifth is the second case's uncached one.
            assertThatThrownBy(() -> comparer().run(unfinished(open, "a"), Workers.ONE, interrupting(6, heard)))
                    .isInstanceOf(InterruptedGeneration.class)
                    .hasMessageContaining("1 of 3 cases are kept");
        }
        assertThat(Thread.interrupted()).isFalse();
        List<String> again = new ArrayList<>();
        List<Run> runs;
        try (OutputFolder open = OutputFolder.open(folder)) {
            Unfinished kept = unfinished(open, "a");
            assertThat(kept.size()).isEqualTo(1);
            runs = comparer().run(kept, Workers.ONE, again::add);
            assertThat(kept.size()).isEqualTo(3);
            kept.done();
        }
        assertThat(again).as("warm-up and two cases").hasSize(2 + 2 * 2);
        assertThat(folder.resolve("unfinished")).doesNotExist();
        assertThat(runs)
                .extracting(run -> run.result().prompt())
                .startsWith("a red circle", "a red circle", "a blue ring");
    }

    /** What is kept is what a report shows: figures, steps, notes and the clip's pixels. */
    @Test
    void aKeptCaseIsTheSameCase() {
        try (OutputFolder open = OutputFolder.open(folder)) {
            Unfinished kept = unfinished(open, "a");
            List<Run> made = comparer().run(kept, Workers.ONE, name -> {});
            for (int i = 0; i < made.size(); i++) {
                Run before = made.get(i);
                Run after = kept.find(i / 2).orElseThrow().get(i % 2);
                assertThat(after.result()).isEqualTo(before.result());
                assertThat(after.steps()).isEqualTo(before.steps());
                assertThat(after.warnings()).isEqualTo(before.warnings());
                assertThat(Pictures.gif(after.clip(), 8, 1)).isEqualTo(Pictures.gif(before.clip(), 8, 1));
            }
        }
    }

    private static Object withoutTimes(Run run) {
        return List.of(
                run.result().policy(),
                run.result().prompt(),
                run.result().computedSteps(),
                String.valueOf(run.result().psnrDb()),
                run.warnings(),
                Arrays.toString(run.clip().values()));
    }

    /** Two at a time, cases come out as one by one: the same clips in the same order. */
    @Test
    void workersChangeNothingButTheTime() {
        List<List<Object>> made = new ArrayList<>();
        for (Workers workers : List.of(Workers.ONE, new Workers(2), new Workers(5))) {
            try (OutputFolder open = OutputFolder.open(folder.resolve("of-" + workers.count()))) {
                made.add(comparer().run(unfinished(open, "a"), workers, name -> {}).stream()
                        .map(ComparerTest::withoutTimes)
                        .toList());
            }
        }
        assertThat(made.get(1)).hasSize(6).isEqualTo(made.get(0));
        assertThat(made.get(2)).isEqualTo(made.get(0));
    }

    /** Who waits for the workers is told to stop: the message is his, and the model can be closed afterwards. */
    @Test
    void anInterruptOfTheCallerEndsAllWorkers() {
        Thread caller = Thread.currentThread();
        AtomicInteger begun = new AtomicInteger();
        try (OutputFolder open = OutputFolder.open(folder)) {
            assertThatThrownBy(() -> comparer().run(unfinished(open, "a"), new Workers(2), name -> {
                        if (begun.incrementAndGet() == 4) {
                            caller.interrupt();
                        }
                    }))
                    .isInstanceOf(InterruptedGeneration.class)
                    .hasMessageContaining("of 3 cases are kept");
        }
    }

    @Test
    void theFirstErrorEndsAllWorkersAndIsTheOneThatIsTold() {
        AtomicInteger begun = new AtomicInteger();
        try (OutputFolder open = OutputFolder.open(folder)) {
            assertThatThrownBy(() -> comparer().run(unfinished(open, "a"), new Workers(2), name -> {
                        if (begun.incrementAndGet() == 4) {
                            throw new IllegalStateException("the disk is full");
                        }
                    }))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("the disk is full");
        }
    }

    @Test
    void anotherComparisonDoesNotMixIn() {
        try (OutputFolder open = OutputFolder.open(folder)) {
            assertThatThrownBy(() ->
                            comparer().run(unfinished(open, "a"), Workers.ONE, interrupting(6, new ArrayList<>())))
                    .isInstanceOf(InterruptedGeneration.class);
            assertThatThrownBy(() -> unfinished(open, "b"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("unfinished comparison with other settings: 'the command'")
                    .hasMessageContaining("name another --out");
        }
    }
}
