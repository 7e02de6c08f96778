package io.adacache.bench.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.adacache.event.CacheListener.SessionInfo;
import io.adacache.event.Trace.Ending;
import io.adacache.event.Trace.PartRecord;
import io.adacache.event.Trace.StepRecord;
import io.adacache.layout.Part;
import io.adacache.micrometer.CacheMetrics;
import io.adacache.policy.Decision.Reason;
import io.adacache.policy.Figures;
import io.adacache.policy.Generation;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.NamingConvention;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Meters as they are, against the page that lists them and the dashboard that draws them. */
class GoingLiveTest {
    private static final Path DASHBOARD = Page.ROOT.resolve("docs/examples/grafana/adacache.json");
    private static final Path PAGE = Page.ROOT.resolve("docs/going-live.md");
    private static final Pattern NAME = Pattern.compile("adacache_[a-z_]+");
    /** Of the example server, which names them in its own sources. */
    private static final String ADMISSION = "adacache_admission_bytes";

    private static List<Meter> meters() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        CacheMetrics metrics = new CacheMetrics(registry);
        SessionInfo session = new SessionInfo("one", "model", "policy", Generation.of(1));
        metrics.onBegin(session);
        PartRecord part = new PartRecord(Part.Call.PREDICTION, true, Reason.FIRST);
        Figures figures = Figures.none().with(Figures.METRIC, 0.1);
        metrics.onStep(session, new StepRecord(1, List.of(part), List.of(figures), 1, 1, 1));
        metrics.onEnd(session, Ending.COMPLETED, "", List.of());
        return registry.getMeters();
    }

    /** As Prometheus sees them. */
    private static Set<String> prometheusNames() {
        Set<String> names = new TreeSet<>();
        for (Meter meter : meters()) {
            String name = NamingConvention.snakeCase.name(
                    meter.getId().getName(), meter.getId().getType());
            switch (meter.getId().getType()) {
                case TIMER ->
                    names.addAll(List.of(name + "_seconds_count", name + "_seconds_sum", name + "_seconds_bucket"));
                case DISTRIBUTION_SUMMARY -> names.addAll(List.of(name + "_count", name + "_sum"));
                default ->
                    names.add(
                            meter.getId().getBaseUnit() == null
                                    ? name
                                    : name + "_" + meter.getId().getBaseUnit());
            }
        }
        return names;
    }

    @Test
    void theDashboardDrawsMetersThatExist() throws IOException {
        JsonNode dashboard = new ObjectMapper().readTree(DASHBOARD.toFile());
        Set<String> drawn = new TreeSet<>();
        for (JsonNode expression : dashboard.findValues("expr")) {
            NAME.matcher(expression.asText()).results().forEach(found -> drawn.add(found.group()));
        }
        drawn.remove(ADMISSION);
        assertThat(drawn).hasSizeGreaterThan(5);
        assertThat(prometheusNames()).containsAll(drawn);
    }

    @Test
    void thePageListsEveryMeterWithItsTags() throws IOException {
        List<String> lines = Files.readAllLines(PAGE);
        for (Meter meter : meters()) {
            assertThat(lines)
                    .filteredOn(line -> line.startsWith("| `" + meter.getId().getName() + "` |"))
                    .as("%s", meter.getId())
                    .singleElement()
                    .satisfies(line -> meter.getId().getTags().forEach(tag -> assertThat(line)
                            .contains("`" + tag.getKey() + "`")));
        }
    }
}
