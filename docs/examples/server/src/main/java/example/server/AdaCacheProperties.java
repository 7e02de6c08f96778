package example.server;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;

/**
 * The lines under {@code adacache} of {@code application.yml}.
 *
 * @param model model file
 * @param device {@code cpu}, {@code gpu} or {@code gpu:1}
 * @param policy of requests that name none
 * @param policies that requests may name; a list, so that no client decides what the service spends
 * @param steps of every generation
 */
@ConfigurationProperties("adacache")
public record AdaCacheProperties(
        Path model, String device, String policy, List<String> policies, int steps, Limits limits, Video video) {
    /**
     * What the service takes on.
     *
     * @param running generations at a time
     * @param queued requests that wait
     * @param bytes that running generations may keep together
     * @param deadline longest time from a request's arrival to its video
     * @param kept finished videos that are kept
     * @param keptFor how long they are kept
     */
    public record Limits(int running, int queued, DataSize bytes, Duration deadline, int kept, Duration keptFor) {}

    /**
     * What videos look like.
     *
     * @param zoom pixels of the file per pixel of the clip
     */
    public record Video(int zoom) {}
}
