package io.adacache.bench.jmh;

import io.adacache.bench.report.Interval;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import jdk.jfr.Recording;

/**
 * What a flight recording of all our events costs a generation of the demo model: pairs of generations, one recorded and one not, in turns
 * first. The median of the pairs' ratios and its interval, by the clock and by the processor time of the thread that generates. On a busy
 * machine both are noisier than the difference; so the same pairs are made on a model that computes nothing, where the difference is most of
 * what there is, and held against the demo model's generation. Not a JMH benchmark: JMH runs one side after the other, and a machine's mood is
 * larger than the difference.
 */
public final class FlightCost {
    private static final List<String> EVENTS =
            List.of("io.adacache.Generation", "io.adacache.Step", "io.adacache.Decision");
    private static final String POLICY = "adacache-fast";
    private static final int WARM_UP = 3;
    private static final int FREE_GENERATIONS = 500;
    private static final double PERCENT = 100;
    private static final double MICRO = 1e3;

    private FlightCost() {}

    private record Times(double clock, double processor) {
        double[] percentOver(Times plain) {
            return new double[] {PERCENT * (clock / plain.clock - 1), PERCENT * (processor / plain.processor - 1)};
        }
    }

    private record Pair(Times recorded, Times plain) {}

    /** Measures so many pairs, and returns what came out in words. */
    public static List<String> measure(int pairs) throws Exception {
        List<Pair> free = free(pairs);
        GenerationBenchmark generation = new GenerationBenchmark();
        generation.policy = POLICY;
        generation.steps = 30;
        generation.load();
        List<Pair> demo;
        try {
            demo = pairs(pairs, generation::generate);
        } finally {
            generation.close();
        }
        List<double[]> percent =
                demo.stream().map(pair -> pair.recorded.percentOver(pair.plain)).toList();
        return List.of(
                line("clock", percent.stream().mapToDouble(each -> each[0]).toArray()),
                line(
                        "processor time",
                        percent.stream().mapToDouble(each -> each[1]).toArray()),
                added(free, demo));
    }

    /** Pairs of many generations each on a model that computes nothing, of as many steps and decisions. */
    private static List<Pair> free(int pairs) {
        SessionOverheadBenchmark session = new SessionOverheadBenchmark();
        session.policy = POLICY;
        session.parse();
        return pairs(pairs, () -> IntStream.range(0, FREE_GENERATIONS).forEach(i -> session.step()));
    }

    private static List<Pair> pairs(int count, Runnable work) {
        for (int i = 0; i < WARM_UP; i++) {
            off(work);
            on(work);
        }
        return IntStream.range(0, count).mapToObj(i -> pair(i % 2 == 0, work)).toList();
    }

    private static Pair pair(boolean recordedFirst, Runnable work) {
        if (recordedFirst) {
            Times recorded = on(work);
            return new Pair(recorded, off(work));
        }
        Times plain = off(work);
        return new Pair(on(work), plain);
    }

    private static Times on(Runnable work) {
        try (Recording recording = new Recording()) {
            EVENTS.forEach(recording::enable);
            recording.start();
            Times times = off(work);
            recording.stop();
            return times;
        }
    }

    private static Times off(Runnable work) {
        long processor = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        long clock = System.nanoTime();
        work.run();
        return new Times(
                System.nanoTime() - clock, ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - processor);
    }

    private static String line(String what, double[] percent) {
        Interval median = Interval.ofMedian(percent);
        return String.format(
                Locale.ROOT,
                "recorded against not, %s: %+.2f %% (95 of 100: %+.2f to %+.2f; %d pairs)",
                what,
                median.value(),
                median.low(),
                median.high(),
                percent.length);
    }

    private static String added(List<Pair> free, List<Pair> demo) {
        Interval micros = Interval.ofMedian(free.stream()
                .mapToDouble(pair -> (pair.recorded.processor - pair.plain.processor) / FREE_GENERATIONS / MICRO)
                .toArray());
        double whole = Interval.ofMedian(demo.stream()
                                .mapToDouble(pair -> pair.plain.processor)
                                .toArray())
                        .value()
                / MICRO;
        return String.format(
                Locale.ROOT,
                "added to a generation of a model that computes nothing: %.1f us of processor time (95 of 100: %.1f to %.1f), which is"
                        + " %.4f %% of the demo model's %.0f ms",
                micros.value(),
                micros.low(),
                micros.high(),
                PERCENT * micros.value() / whole,
                whole / MICRO);
    }
}
