package io.adacache.bench.jmh;

import io.adacache.bench.report.Interval;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;
import jdk.jfr.Recording;

/**
 * What a flight recording of all our events costs a generation of the demo model: pairs of generations, one recorded and one not, in turns
 * first. The median of the pairs' ratios and its interval, by the clock and by the processor time of the thread that generates. Not a
 * JMH benchmark: JMH runs one side after the other, and a machine's mood is larger than the difference.
 */
public final class FlightCost {
    private static final List<String> EVENTS =
            List.of("io.adacache.Generation", "io.adacache.Step", "io.adacache.Decision");
    private static final int WARM_UP = 3;
    private static final int PERCENT = 100;

    private FlightCost() {}

    private record Times(double clock, double processor) {
        static final Times NONE = new Times(0, 0);
    }

    /** Measures so many pairs, and returns what came out in words. */
    public static List<String> measure(int pairs) throws Exception {
        GenerationBenchmark generation = new GenerationBenchmark();
        generation.policy = "adacache-fast";
        generation.steps = 30;
        generation.load();
        try {
            for (int i = 0; i < WARM_UP; i++) {
                off(generation);
                on(generation);
            }
            double[] clock = new double[pairs];
            double[] processor = new double[pairs];
            for (int i = 0; i < pairs; i++) {
                Times recorded = i % 2 == 0 ? on(generation) : Times.NONE;
                Times plain = off(generation);
                recorded = i % 2 == 0 ? recorded : on(generation);
                clock[i] = PERCENT * (recorded.clock / plain.clock - 1);
                processor[i] = PERCENT * (recorded.processor / plain.processor - 1);
            }
            return List.of(line("clock", clock), line("processor time", processor));
        } finally {
            generation.close();
        }
    }

    private static Times on(GenerationBenchmark generation) {
        try (Recording recording = new Recording()) {
            EVENTS.forEach(recording::enable);
            recording.start();
            Times times = off(generation);
            recording.stop();
            return times;
        }
    }

    private static Times off(GenerationBenchmark generation) {
        long processor = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        long clock = System.nanoTime();
        generation.generate();
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
}
