package example.server;

import ai.djl.ndarray.NDArray;
import example.pipeline.Frames;
import io.adacache.CacheSession;
import io.adacache.CacheStats;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** One request for a video and what became of it. Thread-safe: it ends once, in one way. */
final class VideoJob {
    /** Where it stands. */
    enum Status {
        QUEUED,
        RUNNING,
        DONE,
        CANCELLED,
        EXPIRED,
        FAILED;

        boolean isEnd() {
            return this != QUEUED && this != RUNNING;
        }
    }

    private final String id;
    private final List<Integer> tokens;
    private final long seed;
    private final String policy;
    private final Instant deadline;
    private Status status = Status.QUEUED;
    private int done;
    private String reason = "";
    private Instant ended = Instant.MAX;
    private Optional<CacheSession<NDArray>> session = Optional.empty();
    private Optional<CacheStats> stats = Optional.empty();
    private Optional<Frames> frames = Optional.empty();
    private Optional<byte[]> content = Optional.empty();

    VideoJob(String id, List<Integer> tokens, long seed, String policy, Instant deadline) {
        this.id = id;
        this.tokens = List.copyOf(tokens);
        this.seed = seed;
        this.policy = policy;
        this.deadline = deadline;
    }

    String id() {
        return id;
    }

    List<Integer> tokens() {
        return tokens;
    }

    long seed() {
        return seed;
    }

    String policy() {
        return policy;
    }

    Instant deadline() {
        return deadline;
    }

    /** Returns false if it has ended before it began. */
    synchronized boolean begin(CacheSession<NDArray> running) {
        if (status != Status.QUEUED) {
            return false;
        }
        status = Status.RUNNING;
        session = Optional.of(running);
        return true;
    }

    synchronized void progress(int steps) {
        done = steps;
    }

    synchronized void finish(Frames made, byte[] video, CacheStats what) {
        if (end(Status.DONE, "")) {
            frames = Optional.of(made);
            content = Optional.of(video);
            stats = Optional.of(what);
        }
    }

    /** Ends it without a video; the session, if one is running, stops at its next span. Returns false if it had ended already. */
    synchronized boolean end(Status how, String why) {
        if (status.isEnd()) {
            return false;
        }
        if (how != Status.DONE) {
            session.ifPresent(CacheSession::cancel);
        }
        status = how;
        reason = why;
        ended = Instant.now();
        session = Optional.empty();
        notifyAll();
        return true;
    }

    /** Waits until it has ended, but not longer than told. */
    synchronized void await(Duration longest) throws InterruptedException {
        long deadline = System.nanoTime() + longest.toNanos();
        for (long left = longest.toMillis();
                !status.isEnd() && left > 0;
                left = (deadline - System.nanoTime()) / 1_000_000) {
            wait(left);
        }
    }

    synchronized Status status() {
        return status;
    }

    synchronized Instant ended() {
        return ended;
    }

    synchronized Optional<byte[]> content() {
        return content;
    }

    synchronized Optional<Frames> frames() {
        return frames;
    }

    /** Returns what a client is told. */
    synchronized View view(int steps) {
        return new View(
                id,
                status.name().toLowerCase(Locale.ROOT),
                steps == 0 ? 0 : (double) done / steps,
                policy,
                seed,
                reason.isEmpty() ? null : reason,
                stats.map(CacheStats::computedSteps).orElse(null),
                stats.map(CacheStats::reusedSteps).orElse(null),
                stats.map(CacheStats::totalMillis).orElse(null));
    }

    /** A status, as JSON; what is not known yet is left out. */
    record View(
            String id,
            String status,
            double progress,
            String policy,
            long seed,
            String reason,
            Integer computedSteps,
            Integer reusedSteps,
            Double millis) {}
}
