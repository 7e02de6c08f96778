package example.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The job on a standalone cluster of a master and two workers, separate processes on this machine. A machine is lost in the middle; one clip
 * kills its process every time, one the first time, one is asked for what the model does not know. Every other clip is there once, bit for
 * bit as a local run of {@code batch} makes it.
 */
@Timeout(1200)
class ClusterTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();
    private static final int FAILED = 3;
    private static final int STEPS = Integer.getInteger("spark.clip.steps", 16);
    private static final List<String> GOOD = List.of("red", "green", "blue", "yellow", "white", "crash-once");

    @TempDir
    private Path folder;

    private static List<String> program() {
        return List.of(JAVA, "-Xmx400m", "-jar", System.getProperty("program"), "batch", "--latents", "--zoom", "2");
    }

    private static String job(String id) {
        String colour = id.startsWith("crash") ? "red" : id;
        return "{\"id\":\"" + id + "\",\"prompt\":\"a " + colour + " circle\",\"seed\":" + id.length() + ",\"steps\":"
                + STEPS + ",\"policy\":\"every-2\"}";
    }

    private Path table(List<String> ids) throws IOException {
        List<String> lines = new ArrayList<>(ids.stream().map(ClusterTest::job).toList());
        lines.add("{\"id\":\"unknown\",\"prompt\":\"a cathedral\",\"seed\":1,\"steps\":" + STEPS + "}");
        return Files.write(folder.resolve(ids.size() + ".jsonl"), lines);
    }

    private static Process local(Path jobs, Path out, Path log) throws IOException {
        List<String> command = new ArrayList<>(program());
        command.addAll(List.of("--jobs", jobs.toString(), "--out", out.toString()));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    /** Names and bytes; of a line of statistics the latent's digest: its times are its own. */
    private static Map<String, String> content(Path out) throws IOException {
        Map<String, String> content = new TreeMap<>();
        try (Stream<Path> files = Files.list(out)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                content.put(
                        name,
                        name.endsWith(".json")
                                ? JSON.readTree(file.toFile()).get("latent").asText()
                                : HexFormat.of().formatHex(Files.readAllBytes(file)));
            }
        }
        return content;
    }

    private static int clips(Path out) throws IOException {
        if (!Files.isDirectory(out)) {
            return 0;
        }
        try (Stream<Path> files = Files.list(out)) {
            return (int) files.filter(file -> file.toString().endsWith(".json")).count();
        }
    }

    private static List<JsonNode> statistics(Path place) throws IOException {
        List<JsonNode> rows = new ArrayList<>();
        try (Stream<Path> parts = Files.list(place)) {
            for (Path part :
                    parts.filter(file -> file.toString().endsWith(".json")).toList()) {
                for (String line : Files.readAllLines(part)) {
                    rows.add(JSON.readTree(line));
                }
            }
        }
        return rows;
    }

    private static Map<String, String> status(List<JsonNode> rows) {
        return rows.stream()
                .collect(Collectors.toMap(
                        row -> row.get("id").asText(),
                        row -> row.get("status").asText(),
                        (a, b) -> "twice",
                        TreeMap::new));
    }

    private Process submit(Cluster cluster, String name, Path table, Path out) throws IOException {
        List<String> all = new ArrayList<>(List.of("--class", ClipsJob.class.getName(), System.getProperty("job.jar")));
        all.addAll(
                List.of(table.toString(), out.toString(), folder.resolve(name).toString()));
        all.addAll(List.of(JAVA, "-Xmx32m", "-cp", "target/test-classes", Fragile.class.getName(), folder.toString()));
        all.set(
                all.indexOf("target/test-classes"),
                Path.of("target/test-classes").toAbsolutePath().toString());
        all.addAll(program());
        return cluster.submit(name, all.toArray(String[]::new));
    }

    @Test
    void everyClipIsThereOnceWhateverIsLost() throws Exception {
        Path expected = folder.resolve("expected");
        Process local = local(table(GOOD), expected, folder.resolve("local.log"));
        assertEquals(2, local.waitFor(), "one job asks for what the model does not know");

        List<String> all = new ArrayList<>(GOOD);
        all.add("crash-always");
        Path table = table(all);
        Path out = folder.resolve("clips");
        try (Cluster cluster = new Cluster(Files.createDirectories(folder.resolve("spark")))) {
            Process job = submit(cluster, "first", table, out);
            while (clips(out) < 2 && job.isAlive()) {
                LockSupport.parkNanos(20_000_000);
            }
            cluster.loseMachine();
            assertEquals(FAILED, job.waitFor(), () -> log(cluster, "first"));
            assertTrue(log(cluster, "first").contains("Lost executor"), "the machine was lost in the middle");

            List<JsonNode> rows = statistics(folder.resolve("first"));
            Map<String, String> status = status(rows);
            assertEquals(all.size() + 1, rows.size());
            for (String id : GOOD) {
                assertTrue(List.of("done", "skipped").contains(status.get(id)), id + ": " + status);
            }
            assertEquals("failed", status.get("crash-always"));
            assertEquals("wrong", status.get("unknown"));
            assertEquals(content(expected), content(out));

            // Again, on what is left of the cluster: nothing is made twice.
            assertEquals(FAILED, submit(cluster, "second", table, out).waitFor(), () -> log(cluster, "second"));
            List<JsonNode> again = statistics(folder.resolve("second"));
            for (String id : GOOD) {
                assertEquals("skipped", status(again).get(id));
            }
            assertEquals(content(expected), content(out));
            assertFalse(status(again).containsValue("twice"));
        }
    }

    private static String log(Cluster cluster, String name) {
        try {
            return cluster.said(name);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
