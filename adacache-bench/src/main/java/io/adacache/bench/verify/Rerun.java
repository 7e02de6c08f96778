package io.adacache.bench.verify;

import ai.djl.ndarray.NDArray;
import io.adacache.CacheSession;
import io.adacache.bench.pipeline.Conditioning;
import io.adacache.bench.pipeline.GuidanceMode;
import io.adacache.bench.pipeline.GuidedDenoiser;
import io.adacache.bench.sampler.NoiseSource;
import io.adacache.bench.sampler.PredictionType;
import io.adacache.bench.sampler.RectifiedFlow;
import io.adacache.djl.TorchScriptTransformer;
import io.adacache.event.Trace;
import io.adacache.event.Trace.StepRecord;
import io.adacache.layout.Layout.Granularity;
import io.adacache.policy.Figures;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/** Runs a recording's generations again, in reference-exact mode, and compares. Borrows the model. */
public final class Rerun {
    /** The authors' code draws this noise from PyTorch's generator, which no recording holds. */
    private static final NoiseSource UNKNOWN = count -> {
        throw new IllegalArgumentException(
                "This recording cannot be replayed: a frame becomes active after the first step and"
                        + " is noised anew with numbers that were not recorded");
    };

    private final TorchScriptTransformer model;
    private final AuthorsRuns recording;
    private final Conditioning conditioning;

    /**
     * Prepares a replay.
     *
     * @param conditioningFile text, text mask and frame rate
     */
    public Rerun(TorchScriptTransformer model, AuthorsRuns recording, Path conditioningFile) {
        this.model = model;
        this.recording = recording;
        this.conditioning = recording.conditioning(conditioningFile);
    }

    /** Replays all generations under every way to keep residuals; just once where nothing is cached. */
    public List<Verdict> run() {
        List<Verdict> verdicts = new ArrayList<>();
        if (!recording.config().caches()) {
            verdicts.addAll(run(Granularity.FUSED, "no"));
            return verdicts;
        }
        for (Granularity granularity : Granularity.values()) {
            verdicts.addAll(run(granularity, granularity.id()));
        }
        return verdicts;
    }

    private List<Verdict> run(Granularity granularity, String spans) {
        List<Verdict> verdicts = new ArrayList<>();
        List<Double> leftBehind = List.of();
        for (int i = 0; i < recording.runs().size(); i++) {
            RecordedRun recorded = recording.runs().get(i);
            float[] timesteps = recording.config().timesteps();
            RectifiedFlow sampler = new RectifiedFlow(
                    timesteps, PredictionType.of(model.manifest().prediction().type()), recording.shape());
            try (CacheSession<NDArray> session = model.begin(
                            recording.config().policy(granularity, leftBehind),
                            recording.config().steps());
                    GuidedDenoiser denoiser = new GuidedDenoiser(
                            model,
                            session,
                            GuidanceMode.BATCHED,
                            recording.config().guidance(),
                            recording.shape(),
                            conditioning)) {
                float[] latent =
                        sampler.run(recorded.first(), recording.mask(), UNKNOWN, denoiser, (step, before) -> {});
                verdicts.add(verdict(spans, i + 1, recorded, timesteps, session.trace(), latent));
                leftBehind = motionFactors(session.trace(), leftBehind);
            }
        }
        return verdicts;
    }

    /** The last motion factor of each measured place: the state that the authors' code keeps between generations. */
    static List<Double> motionFactors(Trace trace, List<Double> before) {
        List<Double> factors = new ArrayList<>(before);
        for (StepRecord step : trace.steps()) {
            for (int i = 0; i < step.figures().size(); i++) {
                OptionalDouble factor = step.figures().get(i).get(Figures.MOTION_FACTOR);
                if (factor.isPresent()) {
                    while (factors.size() <= i) {
                        factors.add(1.0);
                    }
                    factors.set(i, factor.getAsDouble());
                }
            }
        }
        return factors;
    }

    private Verdict verdict(
            String spans, int generation, RecordedRun recorded, float[] timesteps, Trace trace, float[] latent) {
        List<RecordedRun.Decision> decisions = recorded.decisions();
        List<Figures> figures = new ArrayList<>();
        List<Integer> steps = new ArrayList<>();
        for (StepRecord step : trace.steps()) {
            step.figures().forEach(each -> steps.add(step.step()));
            figures.addAll(step.figures());
        }
        boolean same = !recording.config().caches()
                || steps.equals(
                        decisions.stream().map(RecordedRun.Decision::step).toList());
        return new Verdict(
                spans,
                generation,
                recorded.computed(),
                trace.computedSteps(),
                same,
                largest(figures, decisions, Figures.RATE, RecordedRun.Decision::rate),
                Differences.ofTimesteps(timesteps, recorded.timesteps()),
                largest(figures, decisions, Figures.DISTANCE, RecordedRun.Decision::raw),
                largest(figures, decisions, Figures.MOTION, RecordedRun.Decision::motion),
                largest(figures, decisions, Figures.METRIC, RecordedRun.Decision::metric),
                Differences.ofTensors(latent, recorded.last()));
    }

    /** The largest difference of one figure over all decisions; not a number where nothing was recorded. */
    private static double largest(
            List<Figures> figures,
            List<RecordedRun.Decision> decisions,
            String name,
            ToDoubleFunction<RecordedRun.Decision> expected) {
        double largest = Double.NaN;
        for (int i = 0; i < Math.min(decisions.size(), figures.size()); i++) {
            largest = Differences.larger(largest, figures.get(i), name, expected.applyAsDouble(decisions.get(i)));
        }
        return largest;
    }
}
