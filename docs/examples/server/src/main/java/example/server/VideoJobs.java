package example.server;

import ai.djl.ndarray.NDArray;
import example.pipeline.Frames;
import example.pipeline.Mp4;
import example.pipeline.Pipeline;
import example.server.VideoJob.Status;
import io.adacache.CacheSession;
import io.adacache.djl.TorchScriptTransformer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Service;

/**
 * Runs requests: a fixed pool of platform threads (native calls would pin virtual ones, and a thread per request makes memory grow), a
 * bounded queue, a bounded number of finished videos.
 */
@Service
class VideoJobs implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(VideoJobs.class);
    private static final String WAITED = "the deadline passed while the request waited";

    private final TorchScriptTransformer model;
    private final Pipeline pipeline;
    private final AdaCacheProperties properties;
    private final Duration patience;
    private final Map<String, VideoJob> jobs = new ConcurrentHashMap<>();
    private final ThreadPoolExecutor workers;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(VideoJobs::clockThread);
    private volatile boolean running;

    VideoJobs(
            TorchScriptTransformer model,
            Pipeline pipeline,
            AdaCacheProperties properties,
            MeterRegistry registry,
            @Value("${spring.lifecycle.timeout-per-shutdown-phase:30s}") Duration phase) {
        this.model = model;
        this.pipeline = pipeline;
        this.properties = properties;
        // Something of the phase is left for closing.
        this.patience = phase.multipliedBy(3).dividedBy(4);
        int threads = properties.limits().running();
        int queued = properties.limits().queued();
        this.workers = new ThreadPoolExecutor(
                threads,
                threads,
                0,
                TimeUnit.SECONDS,
                queued == 0 ? new SynchronousQueue<>() : new ArrayBlockingQueue<>(queued));
        Gauge.builder("videos.queued", workers, pool -> pool.getQueue().size())
                .description("Requests that wait")
                .register(registry);
        Gauge.builder("videos.kept", jobs, Map::size)
                .description("Requests that are known, finished ones included")
                .register(registry);
    }

    private static Thread clockThread(Runnable work) {
        Thread thread = new Thread(work, "deadlines");
        thread.setDaemon(true);
        return thread;
    }

    /** A request in the queue. Equal to another one of the same request, so that it can be taken out. */
    private record Turn(VideoJobs jobs, VideoJob job) implements Runnable {
        @Override
        public void run() {
            jobs.run(job);
        }
    }

    /**
     * Takes a request.
     *
     * @throws RejectedExecutionException if the queue is full, or the application is ending
     */
    VideoJob submit(List<Integer> tokens, long seed, String policy, Duration within) {
        forgetOld();
        VideoJob job = new VideoJob(
                UUID.randomUUID().toString(),
                tokens,
                seed,
                policy,
                Instant.now().plus(within));
        jobs.put(job.id(), job);
        try {
            workers.execute(new Turn(this, job));
            clock.schedule(() -> expireWaiting(job), within.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            cancel(job.id());
            throw e;
        }
        return job;
    }

    Optional<VideoJob> find(String id) {
        return Optional.ofNullable(jobs.get(id));
    }

    /** Stops it, wherever it stands, and forgets it. Returns false if there is none. */
    boolean cancel(String id) {
        VideoJob job = jobs.remove(id);
        if (job == null) {
            return false;
        }
        job.end(Status.CANCELLED, "deleted by the client");
        leaveQueue(job);
        return true;
    }

    /** What is running is ended by its session's limit. */
    private void expireWaiting(VideoJob job) {
        if (job.status() == Status.QUEUED) {
            job.end(Status.EXPIRED, WAITED);
            leaveQueue(job);
        }
    }

    /** Whoever has ended while it waited takes nobody's place. */
    private void leaveQueue(VideoJob job) {
        workers.remove(new Turn(this, job));
    }

    private void run(VideoJob job) {
        if (job.status() == Status.QUEUED) {
            generate(job);
            forgetOld();
        }
    }

    private void generate(VideoJob job) {
        Duration left = Duration.between(Instant.now(), job.deadline());
        if (left.isNegative() || left.isZero()) {
            job.end(Status.EXPIRED, WAITED);
            return;
        }
        try (CacheSession<NDArray> session = model.session()
                .policy(job.policy())
                .steps(properties.steps())
                .id(job.id())
                .limit(left)
                .reserve(pipeline.footprint(job.policy()))
                .begin()) {
            if (job.begin(session)) {
                Frames frames = pipeline.generate(session, job.tokens(), job.seed(), job::progress);
                job.finish(frames, Mp4.of(frames, properties.video().zoom()), session.stats());
            }
        } catch (CancellationException e) {
            boolean late = Instant.now().isAfter(job.deadline());
            job.end(
                    late ? Status.EXPIRED : Status.CANCELLED,
                    late ? "the deadline passed while the video was made" : String.valueOf(e.getMessage()));
        } catch (RejectedExecutionException e) {
            job.end(Status.EXPIRED, String.valueOf(e.getMessage()));
        } catch (IOException | RuntimeException | Error e) {
            if (!running) {
                // The model was closed between two steps.
                job.end(Status.CANCELLED, "the service is ending");
                return;
            }
            LOG.warn("Request {} failed", job.id(), e);
            job.end(Status.FAILED, String.valueOf(e.getMessage()));
        }
    }

    /** The oldest finished ones go first, those that nobody fetched in time go anyway. */
    private void forgetOld() {
        Instant oldest = Instant.now().minus(properties.limits().keptFor());
        jobs.values().removeIf(job -> job.ended().isBefore(oldest));
        List<VideoJob> finished = jobs.values().stream()
                .filter(job -> job.status().isEnd())
                .sorted(Comparator.comparing(VideoJob::ended))
                .toList();
        finished.stream()
                .limit(Math.max(0, finished.size() - properties.limits().kept()))
                .forEach(job -> jobs.remove(job.id()));
    }

    @Override
    public void start() {
        running = true;
    }

    /**
     * Takes nothing new, waits for what is running, cancels what is left, and closes the model. What waits in the queue is cancelled at
     * once: it has no chance.
     */
    @Override
    public void stop() {
        running = false;
        clock.shutdownNow();
        workers.shutdown();
        jobs.values().stream()
                .filter(job -> job.status() == Status.QUEUED)
                .forEach(job -> job.end(Status.CANCELLED, "the service is ending"));
        List<String> forced = model.close(patience);
        if (!forced.isEmpty()) {
            LOG.warn("Cancelled because the service is ending: {}", forced);
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
