package example.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import example.pipeline.Pipeline;
import example.server.VideoJob.Status;
import io.adacache.djl.TorchScriptTransformer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** The end of the application: what runs is finished, what waits is cancelled, nothing new is taken, and the model is closed. */
@Timeout(600)
class ShutdownTest {
    private static ConfigurableApplicationContext start(String... properties) {
        List<String> all = new ArrayList<>(List.of(properties));
        all.add("server.port=0");
        all.add("adacache.limits.running=1");
        return new SpringApplicationBuilder(Application.class)
                .properties(all.toArray(String[]::new))
                .run(all.stream().map(property -> "--" + property).toArray(String[]::new));
    }

    private static VideoJob submit(ConfigurableApplicationContext context) {
        return context.getBean(VideoJobs.class)
                .submit(context.getBean(Pipeline.class).tokens("a red circle"), 1, "none", Duration.ofSeconds(50));
    }

    private static void awaitRunning(VideoJob job) {
        while (job.status() == Status.QUEUED) {
            LockSupport.parkNanos(20_000_000);
        }
    }

    @Test
    void whatRunsIsFinished() {
        ConfigurableApplicationContext context = start("adacache.steps=3");
        VideoJobs jobs = context.getBean(VideoJobs.class);
        TorchScriptTransformer model = context.getBean(TorchScriptTransformer.class);
        VideoJob running = submit(context);
        VideoJob waiting = submit(context);
        awaitRunning(running);
        context.close();
        assertThat(running.status()).isEqualTo(Status.DONE);
        assertThat(running.content()).isPresent();
        assertThat(waiting.status()).isEqualTo(Status.CANCELLED);
        assertThatThrownBy(() -> jobs.submit(List.of(1), 1, "none", Duration.ofSeconds(1)))
                .isInstanceOf(RejectedExecutionException.class);
        assertThatThrownBy(() -> model.newPredictor())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is closed");
    }

    @Test
    void whatTakesTooLongIsCancelled() {
        ConfigurableApplicationContext context =
                start("adacache.steps=5000", "spring.lifecycle.timeout-per-shutdown-phase=1s");
        VideoJob running = submit(context);
        awaitRunning(running);
        context.close();
        while (!running.status().isEnd()) {
            LockSupport.parkNanos(20_000_000);
        }
        assertThat(running.status()).isEqualTo(Status.CANCELLED);
    }
}
