package io.adacache.bench.jmh;

import io.adacache.CacheSession;
import io.adacache.CacheStats;
import io.adacache.Policies;
import io.adacache.policy.CachePolicy;
import java.util.List;
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
import org.openjdk.jmh.annotations.Warmup;

/** What a session costs per step beside the model: a transformer of Open-Sora's depth that computes nothing. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class SessionOverheadBenchmark {
    private static final int STEPS = 30;

    /** Policy, as on the command line. */
    @Param({
        "none",
        "every-2",
        "adacache-fast",
        "adacache-fast-moreg",
        "adacache-fast:spans=pairs",
        "adacache-fast:spans=sites",
        "adacache-plus:calls=12",
        "adacache-plus:calls=29"
    })
    public String policy = "none";

    private final FreeTransformer transformer = new FreeTransformer();
    private final List<Object> inputs = List.of(new Object());
    private CachePolicy chosen = Policies.parse("none");

    /** Makes the policy. */
    @Setup
    public void parse() {
        chosen = Policies.parse(policy);
    }

    /** A generation of 30 steps; the score is per step. */
    @Benchmark
    @OperationsPerInvocation(STEPS)
    public CacheStats step() {
        try (CacheSession<Object> session =
                CacheSession.builder(transformer).policy(chosen).steps(STEPS).begin()) {
            for (int step = 0; step < STEPS; step++) {
                session.step(inputs);
            }
            return session.stats();
        }
    }
}
