package example.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.adacache.CacheSession;
import io.adacache.djl.TorchScriptTransformer;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;

/**
 * 200 requests of 8 clients: good ones, wrong ones, cancelled ones, ones past their deadline, a full queue, clients that die. Nothing is
 * lost, nothing mixed, memory stays flat, and every answer is one of those that the controller documents.
 */
@SpringBootTest(
        webEnvironment = WebEnvironment.RANDOM_PORT,
        properties = {
            "adacache.steps=3",
            "adacache.limits.running=2",
            "adacache.limits.queued=3",
            "adacache.limits.kept=40",
            "adacache.video.zoom=2"
        })
@org.springframework.boot.test.autoconfigure.actuate.observability.AutoConfigureObservability
@Timeout(1200)
class LoadTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int CLIENTS = 8;
    private static final int KEPT = 40;
    private static final int REQUESTS = Integer.getInteger("load.requests", 200);
    private static final long SEED = Long.getLong("load.seed", 20261127);
    private static final List<String> PROMPTS = List.of("a red circle", "a blue square", "a green triangle");
    private static final List<String> POLICIES = List.of("none", "every-2");
    private static final List<String> WRONG = List.of(
            "{\"prompt\": \"a cathedral\"}",
            "{\"seed\": 1}",
            "{\"prompt\": \"a red circle\", \"policy\": \"every-7\"}",
            "{\"prompt\": \"a red circle\", \"deadlineSeconds\": -1}",
            "{\"prompt\": \"a red circle\", \"sede\": 1}",
            "{\"prompt\": \"a red circle\", \"seed\": 1.5}",
            "{\"prompt\": \"a red circle\", \"seed\": 1e400}",
            "{\"prompt\": \"a red circle\", \"prompt\": \"a blue square\"}",
            "{\"prompt\": \"a red circle\"} {}",
            "{\"prompt\": \"" + "red ".repeat(20_000) + "\"}",
            "[".repeat(10_000),
            "null",
            "no json");

    private final HttpClient client = HttpClient.newHttpClient();
    private final Map<String, Integer> answers = new ConcurrentHashMap<>();
    private final Map<String, String> alone = new TreeMap<>();

    @LocalServerPort
    private int port;

    @Autowired
    private CacheSession.Admission admission;

    @Autowired
    private TorchScriptTransformer model;

    @Autowired
    private MeterRegistry registry;

    private URI uri(String path) {
        return URI.create("http://localhost:" + port + path);
    }

    private HttpResponse<byte[]> send(String method, String path, String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path))
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (!body.isEmpty()) {
            request.header("Content-Type", "application/json");
        }
        try {
            HttpResponse<byte[]> response = client.send(request.build(), BodyHandlers.ofByteArray());
            answers.merge(method + " " + response.statusCode(), 1, Integer::sum);
            return response;
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static JsonNode json(HttpResponse<byte[]> response) {
        try {
            return JSON.readTree(response.body());
        } catch (IOException e) {
            throw new AssertionError(new String(response.body(), StandardCharsets.UTF_8), e);
        }
    }

    private static String wanted(String prompt, String policy, String more) {
        return "{\"prompt\": \"" + prompt + "\", \"seed\": 5, \"policy\": \"" + policy + "\"" + more + "}";
    }

    /** Posts until the queue takes it; each full queue is an answer like any other. */
    private String submit(String body) {
        while (true) {
            HttpResponse<byte[]> response = send("POST", "/v1/videos", body);
            if (response.statusCode() == 202) {
                return json(response).get("id").asText();
            }
            assertThat(response.statusCode()).isEqualTo(429);
            assertThat(response.headers().firstValue("Retry-After")).isPresent();
            // As a client does, though sooner than it is told.
            LockSupport.parkNanos(50_000_000);
        }
    }

    private String await(String id) {
        while (true) {
            HttpResponse<byte[]> response = send("GET", "/v1/videos/" + id + "?wait=10", "");
            assertThat(response.statusCode()).isEqualTo(200);
            String status = json(response).get("status").asText();
            if (!List.of("queued", "running").contains(status)) {
                return status;
            }
        }
    }

    /** The file's digest. */
    private String content(String id) {
        HttpResponse<byte[]> response = send("GET", "/v1/videos/" + id + "/content", "");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).contains("video/mp4");
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(response.body()));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private void good(Random random) {
        String prompt = PROMPTS.get(random.nextInt(PROMPTS.size()));
        String policy = POLICIES.get(random.nextInt(POLICIES.size()));
        String id = submit(wanted(prompt, policy, ""));
        assertThat(await(id)).isEqualTo("done");
        assertThat(content(id)).as("%s under %s", prompt, policy).isEqualTo(alone.get(prompt + policy));
    }

    private void wrong(String request) {
        HttpResponse<byte[]> response = send("POST", "/v1/videos", request);
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(json(response).path("detail").asText()).as("in words").hasSizeBetween(10, 500);
        HttpResponse<byte[]> unknown = send("GET", "/v1/videos/nobody", "");
        assertThat(unknown.statusCode()).isEqualTo(404);
        assertThat(json(unknown).path("detail").asText()).contains("there is no video nobody");
    }

    private void cancelled(Random random) {
        String id = submit(wanted(PROMPTS.get(0), "none", ""));
        if (random.nextBoolean()) {
            assertThat(send("GET", "/v1/videos/" + id + "/content", "").statusCode())
                    .isIn(200, 409);
        }
        assertThat(send("DELETE", "/v1/videos/" + id, "").statusCode()).isEqualTo(204);
        assertThat(send("GET", "/v1/videos/" + id, "").statusCode()).isEqualTo(404);
        assertThat(send("DELETE", "/v1/videos/" + id, "").statusCode()).isEqualTo(404);
    }

    private void late(Random random) {
        String id = submit(wanted(PROMPTS.get(1), "none", ", \"deadlineSeconds\": 0.0" + (1 + random.nextInt(9))));
        String status = await(id);
        assertThat(status).isIn("expired", "done");
        assertThat(send("GET", "/v1/videos/" + id + "/content", "").statusCode())
                .isEqualTo(status.equals("done") ? 200 : 410);
    }

    /** Dies in the middle of its request, or while it is being answered. */
    private void killed(Random random) {
        String body = wanted(PROMPTS.get(2), "every-2", "");
        String request =
                "POST /v1/videos HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
                        + body.length() + "\r\n\r\n" + body;
        int sent = random.nextBoolean() ? request.length() : 1 + random.nextInt(request.length());
        try (Socket socket = new Socket("localhost", port)) {
            socket.setSoLinger(true, 0);
            OutputStream out = socket.getOutputStream();
            out.write(request.substring(0, sent).getBytes(StandardCharsets.US_ASCII));
            out.flush();
        } catch (IOException e) {
            // The server may be the first to give up.
        }
    }

    private void one(int number) {
        Random random = new Random(SEED + number);
        switch (number % 10) {
            case 0 -> wrong(WRONG.get(random.nextInt(WRONG.size())));
            case 3 -> cancelled(random);
            case 6 -> late(random);
            case 9 -> killed(random);
            default -> good(random);
        }
    }

    private void burst(int from, int to) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(CLIENTS);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int i = from; i < to; i++) {
                int number = i;
                all.add(pool.submit(() -> one(number)));
            }
            for (Future<?> each : all) {
                each.get();
            }
        } finally {
            pool.shutdownNow();
        }
    }

    private static long residentKiB() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")))
                .findFirst()
                .orElse(0);
    }

    private double meter(String name) {
        return registry.get(name).gauge().value();
    }

    @Test
    void nothingIsLostNothingMixed() throws Exception {
        System.out.println("seed " + SEED + " (-Dload.seed=...)");
        for (String prompt : PROMPTS) {
            for (String policy : POLICIES) {
                String id = submit(wanted(prompt, policy, ""));
                assertThat(await(id)).isEqualTo("done");
                alone.put(prompt + policy, content(id));
            }
        }
        assertThat(alone.values()).as("all differ").doesNotHaveDuplicates();
        WRONG.forEach(this::wrong);
        burst(0, REQUESTS / 2);
        long before = residentKiB();
        burst(REQUESTS / 2, REQUESTS);
        System.out.println("answers: " + new TreeMap<>(answers) + ", resident " + before
                + " KiB after half of them, then " + residentKiB() + " KiB");
        assertThat(answers.keySet())
                .isSubsetOf(
                        "POST 202",
                        "POST 400",
                        "POST 429",
                        "GET 200",
                        "GET 404",
                        "GET 409",
                        "GET 410",
                        "DELETE 204",
                        "DELETE 404");
        assertThat(answers)
                .as("a full queue, a wrong request, a late one")
                .containsKeys("POST 429", "POST 400", "GET 410");
        // What dead clients have asked for may still run: it ends, and then nothing is left.
        while (admission.open() > 0 || meter("videos.queued") > 0 || meter("videos.kept") > KEPT) {
            LockSupport.parkNanos(20_000_000);
        }
        assertThat(meter("adacache.generation.active")).isZero();
        assertThat(meter("adacache.cache.held")).isZero();
        assertThat(admission.bytes()).isZero();
        assertThat(residentKiB() - before).as("growth in KiB").isLessThan(100 * 1024);
        assertThat(registry.get("adacache.generation")
                        .tag("ending", "completed")
                        .timers())
                .isNotEmpty();
        String prometheus = new String(send("GET", "/actuator/prometheus", "").body(), StandardCharsets.UTF_8);
        assertThat(prometheus)
                .contains("adacache_generation_seconds_count", "adacache_step_seconds", "adacache_cache_held_bytes");
        assertThat(new String(send("GET", "/actuator/health/readiness", "").body(), StandardCharsets.UTF_8))
                .contains("\"UP\"");
        assertThat(model.toString()).contains("cpu");
    }
}
