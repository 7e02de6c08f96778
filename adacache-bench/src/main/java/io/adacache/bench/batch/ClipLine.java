package io.adacache.bench.batch;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.adacache.CacheStats;
import io.adacache.bench.files.Json;
import io.adacache.bench.pipeline.Denoised;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What became of one job: one line of JSON.
 *
 * @param id of the job; null where the line was no job
 * @param status {@code done}, {@code skipped} (it was there), {@code wrong} (it will fail again) or {@code failed} (try again)
 * @param reason why, in words; null where all is well
 * @param request digest of all that the clip depends on
 * @param policy that generated it
 * @param seed of the noise
 * @param steps calls of the model
 * @param computed steps in which everything was computed
 * @param reused steps in which nothing was computed but embedding and head
 * @param millis time of the denoising loop
 * @param bytesHeld most bytes of kept tensors between two steps
 * @param bytesPeak most bytes of tensors known to the session
 * @param latent SHA-256 of the last latent: equal latents are equal clips
 * @param files that were written, but for this line's own
 * @param warnings of the session
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ClipLine(
        @Nullable String id,
        String status,
        @Nullable String reason,
        @Nullable String request,
        @Nullable String policy,
        @Nullable Long seed,
        @Nullable Integer steps,
        @Nullable Integer computed,
        @Nullable Integer reused,
        @Nullable Double millis,
        @Nullable Long bytesHeld,
        @Nullable Long bytesPeak,
        @Nullable String latent,
        @Nullable List<String> files,
        @Nullable List<String> warnings) {
    static final String DONE = "done";
    static final String SKIPPED = "skipped";
    static final String WRONG = "wrong";
    static final String FAILED = "failed";

    /** Returns the line of a clip that was not made. */
    static ClipLine of(@Nullable String id, String status, @Nullable String reason) {
        return new ClipLine(id, status, reason, null, null, null, null, null, null, null, null, null, null, null, null);
    }

    /** Reads the line of a clip that was made; empty if it is none, so that the clip is made again. */
    static Optional<ClipLine> parse(byte[] json) {
        return Json.value(json, ClipLine.class).filter(line -> line.request != null && line.status.equals(DONE));
    }

    /** Returns what is said of the clip when it was there: all that is known of it. */
    ClipLine skipped() {
        return new ClipLine(
                id, SKIPPED, reason, request, policy, seed, steps, computed, reused, millis, bytesHeld, bytesPeak,
                latent, files, warnings);
    }

    /** Returns the line of a clip that was made. */
    static ClipLine done(Job job, String request, Denoised made, String latent, List<String> files) {
        CacheStats stats = made.stats();
        return new ClipLine(
                job.id(),
                DONE,
                null,
                request,
                stats.policy(),
                job.seed(),
                stats.steps(),
                stats.computedSteps(),
                stats.reusedSteps(),
                Math.round(made.millis() * 10) / 10.0,
                stats.bytesHeld(),
                stats.bytesPeak(),
                latent,
                files,
                stats.warnings().isEmpty() ? null : stats.warnings());
    }
}
