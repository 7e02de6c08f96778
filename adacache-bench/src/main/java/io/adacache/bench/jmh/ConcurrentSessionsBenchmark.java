package io.adacache.bench.jmh;

import io.adacache.CacheStats;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/** Sessions on one model from several threads: as {@link SessionOverheadBenchmark}, so that what they wait for each other shows. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@Threads(2)
public class ConcurrentSessionsBenchmark {
    private static final int STEPS = 30;

    /** Policy, as on the command line. */
    @Param({"none", "adacache-fast"})
    public String policy = "none";

    private final SessionOverheadBenchmark alone = new SessionOverheadBenchmark();

    /** Makes the policy. */
    @Setup
    public void parse() {
        alone.policy = policy;
        alone.parse();
    }

    /** A generation of 30 steps on each thread; the score is per step. */
    @Benchmark
    @OperationsPerInvocation(STEPS)
    public CacheStats step() {
        return alone.step();
    }
}
