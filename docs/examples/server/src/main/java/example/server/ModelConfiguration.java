package example.server;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import example.pipeline.Pipeline;
import io.adacache.CacheSession;
import io.adacache.djl.TorchScriptTransformer;
import io.adacache.djl.TorchScriptTransformer.Finding;
import io.adacache.micrometer.CacheMetrics;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The model: examined, loaded once, warmed up, watched, and closed when the application ends. */
@Configuration(proxyBeanMethods = false)
class ModelConfiguration {
    private static final Logger LOG = LoggerFactory.getLogger(ModelConfiguration.class);

    @Bean
    CacheSession.Admission admission(AdaCacheProperties properties, MeterRegistry registry) {
        CacheSession.Admission admission = new CacheSession.Admission(
                properties.limits().running(),
                properties.limits().bytes().toBytes(),
                properties.limits().running(),
                properties.limits().deadline());
        Gauge.builder("adacache.admission.bytes", admission, CacheSession.Admission::bytes)
                .description("Bytes that open generations have reserved")
                .baseUnit("bytes")
                .register(registry);
        return admission;
    }

    /** Closed by the video jobs, which know when the last generation has ended. */
    @Bean(destroyMethod = "")
    TorchScriptTransformer model(
            AdaCacheProperties properties,
            CacheSession.Admission admission,
            MeterRegistry registry,
            ObservationRegistry observations) {
        Device device = device(properties.device());
        for (Finding finding : TorchScriptTransformer.examine(properties.model(), device)) {
            switch (finding.level()) {
                case GOOD -> LOG.info("{}: {}", finding.subject(), finding.found());
                case NOTE -> LOG.warn("{}: {} -> {}", finding.subject(), finding.found(), finding.advice());
                case WRONG ->
                    throw new IllegalStateException(
                            finding.subject() + ": " + finding.found() + " -> " + finding.advice());
            }
        }
        TorchScriptTransformer model = TorchScriptTransformer.load(properties.model(), device);
        model.admission(admission);
        model.listen(new CacheMetrics(registry));
        model.listen(new GenerationSpans(observations));
        return model;
    }

    @Bean
    Pipeline pipeline(TorchScriptTransformer model, AdaCacheProperties properties) {
        Pipeline pipeline = new Pipeline(model, properties.steps());
        // What no request could ever be answered with ends the start, not the first request.
        long bytes = properties.limits().bytes().toBytes();
        for (String policy : properties.policies()) {
            long held = pipeline.footprint(policy).bytesPeak();
            if (held > bytes) {
                throw new IllegalStateException("adacache.limits.bytes is " + bytes + ", but a generation under '" + policy
                        + "' holds up to " + held);
            }
        }
        if (!properties.policies().contains(properties.policy())) {
            throw new IllegalStateException("adacache.policy is '" + properties.policy()
                    + "', which is none of adacache.policies: " + properties.policies());
        }
        try (NDManager manager = model.newManager()) {
            model.warmUp(pipeline.warmUpInputs(manager));
        }
        return pipeline;
    }

    private static Device device(String name) {
        return name.equals("cpu") ? Device.cpu() : Device.fromName(name.replace(":", ""));
    }
}
