package io.adacache;

import io.adacache.calibrate.QualityFit;
import io.adacache.calibrate.Ranks;
import io.adacache.event.CacheListener;
import io.adacache.event.Trace;
import io.adacache.event.Trace.StepRecord;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Generation.Scope;
import io.adacache.tune.Recording;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The generations of a calibration: each is made once, and kept. References are the uncached clips, recorded on the tuning prompts.
 *
 * @param <T> the engine's tensor type
 */
final class CalibrationRuns<T> {
    private static final int FIGURES = 9;
    private static final double NANOS = 1e9;
    private static final double MILLIS = 1e3;

    /**
     * What a cached generation did.
     *
     * @param cost operations over those of the uncached one
     * @param work computed steps
     * @param psnr against the reference
     * @param seconds inside the loop, from the first call's begin to the last one's end
     * @param uncachedSeconds what the uncached one took; 0 where it was recorded, which costs time of its own
     * @param computedSeconds median time of a computed step; not a number without one
     * @param reusedSeconds median time of a reused step; not a number without one
     * @param bytesHeld most bytes kept between two steps
     * @param estimatedError what a guard took the error to be
     */
    record Trial(
            double cost,
            double work,
            double psnr,
            double seconds,
            double uncachedSeconds,
            double computedSeconds,
            double reusedSeconds,
            double bytesHeld,
            double estimatedError) {
        byte[] bytes() {
            return ByteBuffer.allocate(FIGURES * Double.BYTES)
                    .putDouble(cost)
                    .putDouble(work)
                    .putDouble(psnr)
                    .putDouble(seconds)
                    .putDouble(uncachedSeconds)
                    .putDouble(computedSeconds)
                    .putDouble(reusedSeconds)
                    .putDouble(bytesHeld)
                    .putDouble(estimatedError)
                    .array();
        }

        static Trial of(byte[] kept) {
            ByteBuffer from = ByteBuffer.wrap(kept);
            return new Trial(
                    from.getDouble(),
                    from.getDouble(),
                    from.getDouble(),
                    from.getDouble(),
                    from.getDouble(),
                    from.getDouble(),
                    from.getDouble(),
                    from.getDouble(),
                    from.getDouble());
        }
    }

    private record Reference(float[] clip, double seconds) {}

    /** Hears how long the loop took. */
    private static final class Watch implements CacheListener {
        private long begin;
        private long end;

        @Override
        public void onStep(SessionInfo session, StepRecord record) {
            end = System.nanoTime();
            begin = record.step() == 1 ? end - record.nanos() : begin;
        }

        double seconds() {
            return (end - begin) / NANOS;
        }
    }

    private final Calibration<T> calibration;
    private final Map<Integer, Reference> references = new HashMap<>();
    private final Map<String, Trial> trials = new HashMap<>();
    private double spent;

    CalibrationRuns(Calibration<T> calibration) {
        this.calibration = calibration;
    }

    /** Returns how many generations were spent, in units of an uncached one; those of an earlier run, which were kept, too. */
    double spent() {
        return spent;
    }

    /** Returns how many prompts have a reference. */
    int references() {
        return references.size();
    }

    /** Returns how well the estimated errors of all cached generations order their PSNRs: 1 if the larger always goes with the lower. */
    double agreement() {
        List<Trial> known = trials.values().stream()
                .filter(trial -> Double.isFinite(trial.estimatedError))
                .toList();
        return Ranks.correlation(
                known.stream().mapToDouble(Trial::estimatedError).toArray(),
                known.stream().mapToDouble(trial -> -trial.psnr).toArray());
    }

    /** Returns the recording of an uncached generation, whose clip is the reference of its prompt. */
    Recording record(int prompt, List<CachePolicy> measured) {
        String name = "recording-" + prompt + ".json";
        Optional<byte[]> kept = calibration.keep.find(name);
        Optional<byte[]> clip = calibration.keep.find(clipName(prompt));
        spent++;
        if (kept.isPresent() && clip.isPresent()) {
            references.put(prompt, reference(clip.get()));
            return Recording.parse(name, new String(kept.get(), StandardCharsets.UTF_8));
        }
        try (RecordingModel<T> model = new RecordingModel<>(calibration.model, calibration.generation, measured)) {
            Generated made = generate(CacheSession.builder(model), Policies.none(), prompt);
            keepReference(prompt, new Reference(made.clip, 0));
            Recording recording = model.recording();
            calibration.keep.keep(name, recording.json().getBytes(StandardCharsets.UTF_8));
            return recording;
        }
    }

    /** Returns where a calibration on such recordings holds. */
    Scope scope(Recording recording) {
        List<Double> announced = calibration.generation.timesteps();
        String levels = recording.about().getOrDefault(RecordingModel.LEVELS, "");
        List<Double> seen = levels.isEmpty()
                ? List.of()
                : Stream.of(levels.split(";")).map(Double::valueOf).toList();
        Map<String, String> facts = new LinkedHashMap<>(calibration.facts);
        facts.put("prompts", Integer.toString(calibration.tuning + calibration.checking));
        facts.put("date", LocalDate.now(ZoneOffset.UTC).toString());
        return new Scope(
                calibration.steps,
                announced.isEmpty() && seen.size() == calibration.steps ? seen : announced,
                calibration.generation.branches().size(),
                recording.about().getOrDefault(RecordingModel.SIZE, ""),
                facts);
    }

    /** Makes the reference of a prompt that is not recorded. */
    private Reference reference(int prompt) {
        Reference known = references.get(prompt);
        if (known != null) {
            return known;
        }
        spent++;
        Optional<byte[]> kept = calibration.keep.find(clipName(prompt));
        Reference reference;
        if (kept.isPresent()) {
            reference = reference(kept.get());
            references.put(prompt, reference);
        } else {
            Generated made = generate(CacheSession.builder(calibration.model), Policies.none(), prompt);
            reference = new Reference(made.clip, made.seconds);
            keepReference(prompt, reference);
        }
        return reference;
    }

    private static String clipName(int prompt) {
        return "clip-" + prompt + ".bin";
    }

    private void keepReference(int prompt, Reference reference) {
        references.put(prompt, reference);
        ByteBuffer bytes = ByteBuffer.allocate(Double.BYTES + reference.clip.length * Float.BYTES);
        bytes.putDouble(reference.seconds);
        bytes.asFloatBuffer().put(reference.clip);
        calibration.keep.keep(clipName(prompt), bytes.array());
    }

    private static Reference reference(byte[] kept) {
        ByteBuffer bytes = ByteBuffer.wrap(kept);
        double seconds = bytes.getDouble();
        float[] clip = new float[bytes.remaining() / Float.BYTES];
        bytes.asFloatBuffer().get(clip);
        return new Reference(clip, seconds);
    }

    /** Returns what a setting does with a prompt. */
    Trial run(String setting, int prompt) {
        String name = "run-" + prompt + "-" + Integer.toHexString(setting.hashCode()) + "-" + setting.length() + ".bin";
        Trial known = trials.get(name);
        if (known == null) {
            Reference reference = reference(prompt);
            Optional<byte[]> kept = calibration.keep.find(name);
            known = kept.isPresent() ? Trial.of(kept.get()) : trial(setting, prompt, reference);
            if (kept.isEmpty()) {
                calibration.keep.keep(name, known.bytes());
            }
            spent += known.cost();
            trials.put(name, known);
        }
        return known;
    }

    private Trial trial(String setting, int prompt, Reference reference) {
        CachePolicy policy = calibration.policy(setting);
        CacheSession.Builder<T> guarded =
                CacheSession.builder(calibration.model).guard(Double.POSITIVE_INFINITY);
        Generated made = generate(guarded, policy, prompt);
        return new Trial(
                calibration.cost.of(policy, made.trace),
                made.stats.work(),
                psnr(made.clip, reference.clip),
                made.seconds,
                reference.seconds,
                made.stats.computedStepMillis().orElse(Double.NaN) / MILLIS,
                made.stats.reusedStepMillis().orElse(Double.NaN) / MILLIS,
                made.stats.bytesHeld(),
                made.stats.estimatedError().orElse(Double.NaN));
    }

    private record Generated(float[] clip, double seconds, CacheStats stats, Trace trace) {}

    private Generated generate(CacheSession.Builder<T> builder, CachePolicy policy, int prompt) {
        Watch watch = new Watch();
        try (CacheSession<T> session = builder.policy(policy)
                .steps(calibration.steps)
                .branches(calibration.generation.branches().toArray(String[]::new))
                .timesteps(calibration.generation.timesteps())
                .gains(calibration.generation.gains())
                .listener(watch)
                .begin()) {
            float[] clip = calibration.clips.generate(prompt, session);
            int steps = session.stats().steps();
            if (steps != calibration.steps || clip.length == 0) {
                throw new IllegalStateException("A generation of the calibration made " + steps + " steps of "
                        + calibration.steps + " and returned " + clip.length
                        + " values; call session.step for each step, and return the clip");
            }
            return new Generated(clip.clone(), watch.seconds(), session.stats(), session.trace());
        }
    }

    private static double psnr(float[] clip, float[] reference) {
        if (clip.length != reference.length) {
            throw new IllegalStateException("A clip of " + clip.length + " values cannot be compared with one of "
                    + reference.length + "; return clips of one size");
        }
        double sum = 0;
        for (int i = 0; i < clip.length; i++) {
            double difference = clip[i] - reference[i];
            sum += difference * difference;
        }
        return Math.min(QualityFit.EQUAL, -10 * Math.log10(sum / clip.length));
    }
}
