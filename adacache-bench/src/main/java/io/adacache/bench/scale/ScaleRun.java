package io.adacache.bench.scale;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.adacache.CacheSession;
import io.adacache.CacheStats;
import io.adacache.Footprint;
import io.adacache.bench.cost.CallWork;
import io.adacache.bench.cost.TimeModel;
import io.adacache.bench.cost.Work;
import io.adacache.bench.engine.EngineSettings;
import io.adacache.djl.Manifest;
import io.adacache.djl.TorchScriptTransformer;
import io.adacache.event.Trace.StepRecord;
import io.adacache.policy.CachePolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Measures sessions of a model at one size. A plain forward of the same inputs follows every computed step, so that what disturbs the
 * machine disturbs both. Borrows the model.
 */
public final class ScaleRun {
    private static final double MILLIS = 1e3;

    private final TorchScriptTransformer model;
    private final VideoSize size;
    private final int rows;
    private final int steps;
    private final MadeUpCall calls;

    /**
     * Prepares a size.
     *
     * @param rows of a call: videos, times two with guidance in one batch
     * @param text length of the text
     * @param steps of each session
     */
    public ScaleRun(TorchScriptTransformer model, VideoSize size, int rows, int text, int steps) {
        this.model = model;
        this.size = size;
        this.rows = rows;
        this.steps = steps;
        this.calls = new MadeUpCall(model.manifest(), size, rows, text);
    }

    /** Lets the engine settle: one computed and one reused step, and one plain forward. */
    public void warmUp() {
        try (NDManager scope = model.newManager()) {
            model.warmUp(calls.at(0, scope));
        }
    }

    /** What one session left behind. */
    private static final class Measured {
        private final Samples plain = new Samples();
        private final Samples computed = new Samples();
        private final Samples reused = new Samples();
        private final List<Double> ownShares = new ArrayList<>();
        private long movedComputed;
        private long movedReused;
    }

    /**
     * Measures a session under a policy.
     *
     * @throws IllegalArgumentException if the policy does not work with this model
     */
    public ScaleRow measure(String policyText) {
        CachePolicy policy = model.policy(policyText, steps);
        Resident.forgetPeak();
        Measured measured = new Measured();
        TimedModel timed = new TimedModel(model);
        CacheStats stats;
        try (CacheSession<NDArray> session =
                CacheSession.builder(timed).policy(policy).steps(steps).begin()) {
            for (int step = 1; step <= steps; step++) {
                step(session, timed, step, measured);
            }
            stats = session.stats();
        }
        return row(policyText, policy, stats, measured);
    }

    private void step(CacheSession<NDArray> session, TimedModel timed, int step, Measured measured) {
        try (NDManager scope = model.newManager()) {
            NDList inputs = calls.at(step, scope);
            timed.takeNanos();
            long movedBefore = moved();
            Samples.Begin begin = Samples.Begin.now();
            awaited(session.step(inputs));
            Samples.Taken taken = begin.taken();
            List<StepRecord> records = session.trace().steps();
            if (!records.get(records.size() - 1).isComputed()) {
                measured.reused.add(taken);
                measured.movedReused = moved() - movedBefore;
                return;
            }
            measured.computed.add(taken);
            measured.movedComputed = moved() - movedBefore;
            measured.ownShares.add(1 - (double) timed.takeNanos() / taken.wall());
            Samples.Begin plain = Samples.Begin.now();
            awaited(model.predict(inputs));
            measured.plain.add(plain.taken());
        }
    }

    private long moved() {
        return model.moved().values().stream().mapToLong(Long::longValue).sum();
    }

    /** Returns the work of what a row was measured of, beside its times; of a processor with one thread its own time counts. */
    public List<TimeModel.Observation> observations(ScaleRow row) {
        if (!CallWork.isKnown(model.manifest())) {
            return List.of();
        }
        boolean byProcessor = !model.device().isGpu() && EngineSettings.threadsAsNumber() == 1;
        CallWork work = new CallWork(model.manifest(), calls.sizes(), keepsText());
        List<CallWork.Step> session = work.generation(model.policy(row.policy(), steps), steps, false);
        String group = row.model() + " " + row.size();
        List<TimeModel.Observation> all = new ArrayList<>();
        add(all, group, "plain", Optional.of(work.plain()), byProcessor ? row.plainCpuMs() : row.plainMs());
        add(all, group, "computed", mean(session, true), byProcessor ? row.computedCpuMs() : row.computedMs());
        add(all, group, "reused", mean(session, false), byProcessor ? row.reusedCpuMs() : row.reusedMs());
        return all;
    }

    private boolean keepsText() {
        return Boolean.TRUE.equals(model.manifest().details().get("embed-again"))
                && !model.device().isGpu();
    }

    /** The typical step of a kind; empty where there was none. */
    private static Optional<Work> mean(List<CallWork.Step> session, boolean computed) {
        return session.stream()
                .filter(step -> step.isComputed() == computed)
                .map(CallWork.Step::work)
                .findFirst();
    }

    private static void add(
            List<TimeModel.Observation> all, String group, String what, Optional<Work> work, double millis) {
        if (work.isPresent() && Double.isFinite(millis) && millis > 0) {
            all.add(new TimeModel.Observation(group, what, work.get(), millis / MILLIS));
        }
    }

    /** A device works behind its calls: reading the prediction waits for it. */
    private void awaited(NDArray prediction) {
        if (model.device().isGpu()) {
            prediction.toFloatArray();
        }
        prediction.close();
    }

    private ScaleRow row(String text, CachePolicy policy, CacheStats stats, Measured measured) {
        Manifest manifest = model.manifest();
        Samples plain = measured.plain;
        Samples computed = measured.computed;
        Samples reused = measured.reused;
        Footprint predicted;
        long tokens;
        try (NDManager scope = model.newManager()) {
            NDList inputs = calls.at(1, scope);
            predicted = model.footprint(policy, steps, inputs);
            tokens = model.check(inputs).tokens();
        }
        return new ScaleRow(
                manifest.name(),
                manifest.parameters(),
                manifest.dtype(),
                size.name(),
                tokens,
                rows,
                text,
                steps,
                stats.computedSteps(),
                plain.millis(),
                computed.millis(),
                reused.millis(),
                plain.processorMillis(),
                computed.processorMillis(),
                reused.processorMillis(),
                computed.millis() / plain.millis(),
                computed.processorMillis() / plain.processorMillis(),
                reused.millis() / computed.millis(),
                reused.processorMillis() / computed.processorMillis(),
                (double) steps / stats.computedSteps(),
                steps * plain.millis() / (computed.totalMillis() + reused.totalMillis()),
                steps * plain.processorMillis() / (computed.totalProcessorMillis() + reused.totalProcessorMillis()),
                Samples.median(measured.ownShares),
                stats.bytesHeld(),
                predicted.bytesHeld(),
                stats.bytesPeak(),
                predicted.bytesPeak(),
                Resident.now(),
                Resident.peak(),
                measured.movedComputed,
                measured.movedReused);
    }
}
