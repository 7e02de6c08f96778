package example.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import example.pipeline.Pipeline;
import example.server.VideoJob.Status;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** A request that waits ends at its deadline, not when its turn comes; whoever has ended takes nobody's place in the queue. */
@Timeout(600)
class WaitingTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Duration SHORT = Duration.ofMillis(200);

    @Test
    void deadlinesHoldWhileWaitingAndFreeThePlace() throws InterruptedException {
        try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
                .run(
                        "--server.port=0",
                        "--adacache.steps=5000",
                        "--adacache.limits.running=1",
                        "--adacache.limits.queued=2",
                        "--spring.lifecycle.timeout-per-shutdown-phase=1s")) {
            VideoJobs jobs = context.getBean(VideoJobs.class);
            List<Integer> tokens = context.getBean(Pipeline.class).tokens("a red circle");
            VideoJob first = jobs.submit(tokens, 1, "none", LONG);
            while (first.status() == Status.QUEUED) {
                Thread.onSpinWait();
            }
            VideoJob waiting = jobs.submit(tokens, 1, "none", SHORT);
            VideoJob deleted = jobs.submit(tokens, 1, "none", LONG);
            assertThatThrownBy(() -> jobs.submit(tokens, 1, "none", LONG))
                    .isInstanceOf(RejectedExecutionException.class);
            waiting.await(LONG);
            assertThat(waiting.status()).isEqualTo(Status.EXPIRED);
            assertThat(first.status()).isEqualTo(Status.RUNNING);
            assertThat(jobs.cancel(deleted.id())).isTrue();
            // The place is given back right after the end is told.
            VideoJob[] more = {whenThereIsAPlace(jobs, tokens), whenThereIsAPlace(jobs, tokens)};
            assertThat(more).allMatch(job -> job.status() == Status.QUEUED);
        }
    }

    private static VideoJob whenThereIsAPlace(VideoJobs jobs, List<Integer> tokens) {
        while (true) {
            try {
                return jobs.submit(tokens, 1, "none", LONG);
            } catch (RejectedExecutionException e) {
                Thread.onSpinWait();
            }
        }
    }
}
