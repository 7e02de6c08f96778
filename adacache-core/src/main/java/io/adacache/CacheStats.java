package io.adacache;

import io.adacache.event.CacheListener.SessionInfo;
import io.adacache.event.Trace.Ending;
import io.adacache.event.Trace.StepRecord;
import io.adacache.policy.Figures;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.Predicate;

/**
 * What a session did, up to now. Immutable.
 *
 * @param session id of the session
 * @param policy name of the policy
 * @param ending how the generation ended, or that it has not
 * @param announcedSteps number of steps that was announced
 * @param steps steps completed
 * @param computedSteps steps in which everything was computed
 * @param reusedSteps steps in which nothing was computed but embedding and head; the rest were computed in part
 * @param disagreedSteps steps in which a row of the batch alone would have decided otherwise: rows share one schedule, by the rule
 *     that the policy's setting {@code rows} names
 * @param work computed steps, where a step computed in part counts by its share of the model's sites
 * @param computedStepMillis median time of a computed step, empty without one
 * @param reusedStepMillis median time of a reused step, empty without one
 * @param totalMillis time inside the session
 * @param settlingMillis what the first steps took beyond a usual one: the engine compiles for every new shape in its first calls
 * @param bytesHeld most bytes of kept tensors between two steps
 * @param bytesPeak most bytes of tensors known to the session at any moment; what the model uses inside a call is not known
 * @param estimatedError what the reused steps are taken to be off, relative to the whole way; empty without a guard
 * @param warnings what was noticed, a line each
 */
public record CacheStats(
        String session,
        String policy,
        Ending ending,
        int announcedSteps,
        int steps,
        int computedSteps,
        int reusedSteps,
        int disagreedSteps,
        double work,
        OptionalDouble computedStepMillis,
        OptionalDouble reusedStepMillis,
        double totalMillis,
        double settlingMillis,
        long bytesHeld,
        long bytesPeak,
        OptionalDouble estimatedError,
        List<String> warnings) {
    private static final double NANOS = 1e6;

    /** A first step of so many times the median computed one has paid for the engine's settling. */
    private static final double SLOW = 3;

    static CacheStats of(SessionInfo session, Ending ending, List<StepRecord> records, List<String> warnings) {
        return new CacheStats(
                session.id(),
                session.policy(),
                ending,
                session.generation().steps(),
                records.size(),
                (int) records.stream().filter(StepRecord::isComputed).count(),
                (int) records.stream().filter(StepRecord::isReused).count(),
                (int) records.stream().filter(CacheStats::disagreed).count(),
                records.stream().mapToDouble(StepRecord::computedShare).sum(),
                median(records, StepRecord::isComputed),
                median(records, StepRecord::isReused),
                records.stream().mapToLong(StepRecord::nanos).sum() / NANOS,
                settling(records),
                records.stream().mapToLong(StepRecord::bytesHeld).max().orElse(0),
                records.stream().mapToLong(StepRecord::bytesPeak).max().orElse(0),
                records.isEmpty() ? OptionalDouble.empty() : estimatedError(records.get(records.size() - 1)),
                List.copyOf(warnings));
    }

    private static boolean disagreed(StepRecord step) {
        return step.figures().stream()
                .anyMatch(figures -> figures.get(Figures.ROWS_AGAINST).isPresent());
    }

    private static OptionalDouble estimatedError(StepRecord last) {
        return last.figures().stream()
                .map(figures -> figures.get(Figures.ESTIMATED_ERROR))
                .filter(OptionalDouble::isPresent)
                .findFirst()
                .orElse(OptionalDouble.empty());
    }

    private static OptionalDouble median(List<StepRecord> records, Predicate<StepRecord> which) {
        double[] millis = records.stream()
                .filter(which)
                .mapToDouble(record -> record.nanos() / NANOS)
                .sorted()
                .toArray();
        int n = millis.length;
        return n == 0 ? OptionalDouble.empty() : OptionalDouble.of((millis[(n - 1) / 2] + millis[n / 2]) / 2);
    }

    private static double settling(List<StepRecord> records) {
        double usual = median(records, StepRecord::isComputed).orElse(Double.POSITIVE_INFINITY);
        return records.stream()
                .mapToDouble(record -> record.nanos() / NANOS)
                .takeWhile(millis -> millis > SLOW * usual)
                .map(millis -> millis - usual)
                .sum();
    }

    /**
     * Returns steps over computed steps (work), the speed-up if reuse were free, as far as this session's own steps allow it: where a
     * reused step takes a third of a computed one (embedding, head, and whatever of a model lies outside its sites are computed in
     * every step), no schedule is more than three times as fast. 1 before the first step.
     */
    public double idealSpeedup() {
        return work == 0 ? 1 : Math.min(steps / work, mostSpeedup());
    }

    /** What reusing everything in every step would give: a computed step's time over a reused one's, where both were measured. */
    private double mostSpeedup() {
        boolean measured = computedStepMillis.isPresent() && reusedStepMillis.orElse(0) > 0;
        return measured
                ? Math.max(1, computedStepMillis.getAsDouble() / reusedStepMillis.getAsDouble())
                : Double.POSITIVE_INFINITY;
    }

    /**
     * Returns the time of computing every step (at the median computed step) over the time taken without the engine's settling; 1 where
     * unknown, and never more than the ideal, which no measurement can exceed but by noise.
     */
    public double estimatedSpeedup() {
        double taken = totalMillis - settlingMillis;
        return computedStepMillis.isEmpty() || taken == 0
                ? 1
                : Math.min(idealSpeedup(), steps * computedStepMillis.getAsDouble() / taken);
    }

    /** Returns one line for a log. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s: %s, %d of %d steps; %d computed, %d reused%s (%.2fx ideal, %.2fx estimated), %.0f ms, %d KiB held,"
                        + " %d KiB peak [session %s]",
                policy,
                ending.id(),
                steps,
                announcedSteps,
                computedSteps,
                reusedSteps,
                disagreedSteps == 0 ? "" : ", rows disagreed in " + disagreedSteps,
                idealSpeedup(),
                estimatedSpeedup(),
                totalMillis,
                bytesHeld / 1024,
                bytesPeak / 1024,
                session);
    }
}
