package example.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import example.pipeline.Frames;
import example.pipeline.Pipeline;
import example.server.VideoJob.Status;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import javax.imageio.ImageIO;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.ErrorResponseException;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;

/**
 * Videos over HTTP: POST makes one and answers 202 with its id, GET tells its status, GET .../content gives the file, DELETE cancels it.
 * Errors are problem details (RFC 9457): 400 a wrong request, 404 no such video, 409 not ready yet, 410 it will never be, 429 the queue is
 * full, 503 the service is ending.
 */
@RestController
@RequestMapping("/v1/videos")
class VideoController {
    private static final String RETRY_SECONDS = "5";
    private static final String FIELDS = "there are prompt and policy, which are texts, seed, a whole number, and deadlineSeconds";
    private static final double LONGEST_WAIT_SECONDS = 20;
    private static final MediaType MP4 = MediaType.parseMediaType("video/mp4");

    private final VideoJobs jobs;
    private final Pipeline pipeline;
    private final AdaCacheProperties properties;

    VideoController(VideoJobs jobs, Pipeline pipeline, AdaCacheProperties properties) {
        this.jobs = jobs;
        this.pipeline = pipeline;
        this.properties = properties;
    }

    /**
     * What a client asks for.
     *
     * @param prompt what the video shows
     * @param seed of the noise; 1 where it is missing
     * @param policy one of those that the service offers
     * @param deadlineSeconds from now; the service's where it is missing
     */
    record Wanted(String prompt, Long seed, String policy, Double deadlineSeconds) {}

    @PostMapping
    ResponseEntity<VideoJob.View> create(@RequestBody Wanted wanted) {
        if (wanted.prompt() == null || wanted.prompt().isBlank()) {
            throw new IllegalArgumentException("'prompt' is missing");
        }
        List<Integer> tokens = pipeline.tokens(wanted.prompt());
        long seed = wanted.seed() == null ? 1 : wanted.seed();
        VideoJob job = jobs.submit(tokens, seed, policy(wanted.policy()), deadline(wanted.deadlineSeconds()));
        return ResponseEntity.accepted()
                .location(URI.create("/v1/videos/" + job.id()))
                .body(job.view(properties.steps()));
    }

    private String policy(String asked) {
        if (asked == null) {
            return properties.policy();
        }
        if (!properties.policies().contains(asked)) {
            throw new IllegalArgumentException(
                    "'policy' is one of " + properties.policies() + ", but got '" + asked + "'");
        }
        return asked;
    }

    private Duration deadline(Double asked) {
        Duration longest = properties.limits().deadline();
        if (asked == null) {
            return longest;
        }
        if (!(asked > 0 && asked <= longest.toSeconds())) {
            throw new IllegalArgumentException(
                    "'deadlineSeconds' is above 0 and at most " + longest.toSeconds() + ", but got " + asked);
        }
        return Duration.ofNanos((long) (asked * 1e9));
    }

    /** With {@code ?wait=SECONDS} it answers when the video has ended, or after that time: no need to ask again and again. */
    @GetMapping("/{id}")
    VideoJob.View status(@PathVariable String id, @RequestParam(defaultValue = "0") double wait)
            throws InterruptedException {
        VideoJob job = find(id);
        if (wait > 0) {
            job.await(Duration.ofMillis((long) (1000 * Math.min(wait, LONGEST_WAIT_SECONDS))));
        }
        return job.view(properties.steps());
    }

    @GetMapping("/{id}/content")
    ResponseEntity<byte[]> content(@PathVariable String id) {
        VideoJob job = ready(id);
        return ResponseEntity.ok().contentType(MP4).body(job.content().orElseThrow());
    }

    /** One frame as a picture, for a preview. */
    @GetMapping("/{id}/frames/{number}")
    ResponseEntity<byte[]> frame(@PathVariable String id, @PathVariable int number) throws IOException {
        Frames frames = ready(id).frames().orElseThrow();
        if (number < 0 || number >= frames.rgb().size()) {
            throw problem(
                    HttpStatus.NOT_FOUND,
                    "the video has frames 0 to " + (frames.rgb().size() - 1));
        }
        BufferedImage image = frames.image(number);
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(image, "png", png);
        return ResponseEntity.ok().contentType(MediaType.IMAGE_PNG).body(png.toByteArray());
    }

    @DeleteMapping("/{id}")
    ResponseEntity<Void> delete(@PathVariable String id) {
        if (!jobs.cancel(id)) {
            throw unknown(id);
        }
        return ResponseEntity.noContent().build();
    }

    private VideoJob find(String id) {
        return jobs.find(id).orElseThrow(() -> unknown(id));
    }

    private VideoJob ready(String id) {
        VideoJob job = find(id);
        Status status = job.status();
        if (status == Status.DONE) {
            return job;
        }
        throw status.isEnd()
                ? problem(
                        HttpStatus.GONE,
                        "there will be no video: "
                                + job.view(properties.steps()).reason())
                : problem(HttpStatus.CONFLICT, "the video is not ready; ask for its status");
    }

    private static ErrorResponseException unknown(String id) {
        return problem(HttpStatus.NOT_FOUND, "there is no video " + id + ", or it is not kept any more");
    }

    private static ErrorResponseException problem(HttpStatus status, String detail) {
        return new ErrorResponseException(status, ProblemDetail.forStatusAndDetail(status, detail), null);
    }

    /** What is wrong with a body, in a client's words: the parser's for what is no JSON, ours for what is no request. */
    @ExceptionHandler
    ResponseEntity<ProblemDetail> unreadable(HttpMessageNotReadableException e) {
        Throwable cause = e.getMostSpecificCause();
        String why = "its body is missing";
        if (cause instanceof UnrecognizedPropertyException unknown) {
            why = "'" + unknown.getPropertyName() + "' is not known; " + FIELDS;
        } else if (cause instanceof MismatchedInputException mismatched) {
            why = mismatched.getPath().isEmpty()
                    ? "its body is one JSON object; " + FIELDS
                    : "'" + mismatched.getPath().get(0).getFieldName() + "' is of another kind; " + FIELDS;
        } else if (cause instanceof JsonProcessingException json) {
            why = json.getOriginalMessage().replaceFirst(" \\((class|through|from) [^)]*\\)", "");
        }
        return wrong(new IllegalArgumentException("this is no request for a video: " + why));
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> mistyped(MethodArgumentTypeMismatchException e) {
        return wrong(new IllegalArgumentException("'" + e.getName() + "' is a number, but got '" + e.getValue() + "'"));
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> wrong(IllegalArgumentException e) {
        return ResponseEntity.badRequest()
                .body(ProblemDetail.forStatusAndDetail(HttpStatus.BAD_REQUEST, String.valueOf(e.getMessage())));
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> full(RejectedExecutionException e) {
        HttpStatus status = jobs.isRunning() ? HttpStatus.TOO_MANY_REQUESTS : HttpStatus.SERVICE_UNAVAILABLE;
        String detail = jobs.isRunning() ? "the queue is full; try again later" : "the service is ending";
        return ResponseEntity.status(status)
                .header(HttpHeaders.RETRY_AFTER, RETRY_SECONDS)
                .body(ProblemDetail.forStatusAndDetail(status, detail));
    }
}
