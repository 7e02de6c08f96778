package example.server;

import io.adacache.CacheSession;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.stereotype.Component;

/** Ready while requests are taken; with it, how much of what the service takes on is in use. Costs no generation. */
@Component("generationsHealthIndicator")
class ModelHealth implements HealthIndicator {
    private final VideoJobs jobs;
    private final CacheSession.Admission admission;
    private final AdaCacheProperties properties;

    ModelHealth(VideoJobs jobs, CacheSession.Admission admission, AdaCacheProperties properties) {
        this.jobs = jobs;
        this.admission = admission;
        this.properties = properties;
    }

    @Override
    public Health health() {
        return (jobs.isRunning() ? Health.up() : Health.outOfService())
                .withDetail("model", String.valueOf(properties.model().getFileName()))
                .withDetail("running", admission.open())
                .withDetail("most", properties.limits().running())
                .build();
    }
}
