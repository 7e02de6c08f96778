package example.server;

import static org.assertj.core.api.Assertions.assertThat;

import example.pipeline.Pipeline;
import example.server.VideoJob.Status;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.autoconfigure.actuate.observability.AutoConfigureObservability;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;

/** With a tracing bridge on the class path a generation is an OpenTelemetry span: which session, which policy, how it ended. */
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.NONE,
        properties = {"adacache.steps=2", "management.tracing.sampling.probability=1"})
@AutoConfigureObservability
@Timeout(600)
class SpansTest {
    private static final InMemorySpanExporter EXPORTER = InMemorySpanExporter.create();

    @TestConfiguration
    static class Exported {
        /** The exporter is no bean: Spring Boot would export to it a second time, in batches. */
        @Bean
        SimpleSpanProcessor processor() {
            return SimpleSpanProcessor.builder(EXPORTER).build();
        }
    }

    @Autowired
    private VideoJobs jobs;

    @Autowired
    private Pipeline pipeline;

    @Test
    void aGenerationIsASpan() throws InterruptedException {
        VideoJob job = jobs.submit(pipeline.tokens("a red circle"), 1, "every-2", Duration.ofSeconds(50));
        while (!job.status().isEnd()) {
            job.await(Duration.ofSeconds(1));
        }
        assertThat(job.status()).isEqualTo(Status.DONE);
        List<SpanData> spans = EXPORTER.getFinishedSpanItems();
        while (spans.isEmpty()) {
            LockSupport.parkNanos(20_000_000); // the span ends with the session, a moment after the video
            spans = EXPORTER.getFinishedSpanItems();
        }
        assertThat(spans).singleElement().satisfies(span -> {
            assertThat(span.getName()).isEqualTo("generate video");
            assertThat(span.getAttributes().get(AttributeKey.stringKey("session")))
                    .isEqualTo(job.id());
            assertThat(span.getAttributes().get(AttributeKey.stringKey("policy")))
                    .isEqualTo("every:n=2");
            assertThat(span.getAttributes().get(AttributeKey.stringKey("ending")))
                    .isEqualTo("completed");
        });
    }
}
