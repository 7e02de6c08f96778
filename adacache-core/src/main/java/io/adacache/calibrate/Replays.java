package io.adacache.calibrate;

import io.adacache.event.Trace;
import io.adacache.policy.CachePolicy;
import io.adacache.tune.Fitting.ReuseErrors;
import io.adacache.tune.Recording;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleBiFunction;

/** What recordings promise of settings: each is replayed once. Not thread-safe. */
public final class Replays {
    /**
     * What a setting does on one recording.
     *
     * @param cost operations over those of the uncached generation
     * @param work computed steps
     * @param error of the schedule, see {@link ReuseErrors#cost}
     */
    public record Replayed(double cost, double work, double error) {}

    private record Recorded(Recording recording, ReuseErrors errors) {}

    private final List<Recorded> recordings = new ArrayList<>();
    private final Function<String, CachePolicy> policies;
    private final ToDoubleBiFunction<CachePolicy, Trace> cost;
    private final Map<String, List<Replayed>> known = new HashMap<>();

    /**
     * Begins.
     *
     * @param policies reads a policy's text
     * @param cost operations of a generation over those of the uncached one
     */
    public Replays(
            List<Recording> all, Function<String, CachePolicy> policies, ToDoubleBiFunction<CachePolicy, Trace> cost) {
        all.forEach(recording -> recordings.add(new Recorded(recording, ReuseErrors.of(recording))));
        this.policies = policies;
        this.cost = cost;
    }

    /** Returns what a setting does on each recording. */
    public List<Replayed> at(String setting) {
        return known.computeIfAbsent(setting, text -> {
            CachePolicy policy = policies.apply(text);
            return recordings.stream().map(each -> replay(policy, each)).toList();
        });
    }

    private Replayed replay(CachePolicy policy, Recorded recorded) {
        Trace trace = recorded.recording().replay(policy);
        List<Integer> computed = trace.computedSteps();
        return new Replayed(
                cost.applyAsDouble(policy, trace),
                trace.work(),
                computed.isEmpty() ? Double.NaN : recorded.errors().cost(computed));
    }

    /** Returns the mean cost of a setting. */
    public double cost(String setting) {
        return at(setting).stream().mapToDouble(Replayed::cost).average().orElseThrow();
    }
}
