package io.adacache.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Many clips in one run: whatever stops it, the same command ends with the same files. */
@Timeout(600)
class BatchTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int NEVER = 2;
    private static final List<String> WORDS = List.of("red", "green", "blue", "white");

    @TempDir
    private Path folder;

    private Path list(String... lines) throws IOException {
        return Files.writeString(folder.resolve("jobs.jsonl"), String.join("\n", lines) + "\n");
    }

    private Path list(int steps) throws IOException {
        return list(WORDS.stream()
                .map(word -> "{\"id\": \"" + word + "\", \"prompt\": \"a " + word
                        + " circle\", \"seed\": 7, \"steps\": " + steps + ", \"policy\": \"every-2\"}")
                .toArray(String[]::new));
    }

    private String[] command(Path jobs, String out, String... more) {
        List<String> all = new ArrayList<>(List.of(
                "batch", "--jobs", jobs.toString(), "--out", out, "--latents", "--format", "mp4", "--zoom", "2"));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    /** What a reader of the folder sees, without times. */
    private static Map<String, Object> content(Path out) throws IOException {
        Map<String, Object> content = new TreeMap<>();
        try (Stream<Path> files = Files.list(out)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (name.endsWith(".json")) {
                    content.put(name, JSON.readTree(file.toFile()).get("latent").asText());
                } else {
                    content.put(name, java.util.HexFormat.of().formatHex(Files.readAllBytes(file)));
                }
            }
        }
        return content;
    }

    private static List<JsonNode> lines(String out) {
        return out.lines()
                .map(line -> {
                    try {
                        return JSON.readTree(line);
                    } catch (IOException e) {
                        throw new AssertionError(line, e);
                    }
                })
                .toList();
    }

    @Test
    void clipsAreMadeOnceAndOneThatDoesNotGoStopsNoOther() throws IOException {
        Path jobs = list(
                "{\"id\": \"one\", \"prompt\": \"a red circle\", \"steps\": 4, \"policy\": \"every-2\"}",
                "",
                "{\"id\": \"poison\", \"prompt\": \"a cathedral\", \"steps\": 4}",
                "{\"id\": \"nonsense\", \"prompt\": \"a red circle\", \"policy\": \"no-such-policy\"}",
                "{\"id\": \"two\", \"prompt\": \"a blue square\", \"steps\": 3, \"tier\": \"none\", \"frames\": 4}");
        Path out = folder.resolve("clips");
        CommandLineRunner first = CommandLineRunner.run(command(jobs, out.toString()));
        assertThat(first.exitCode()).as(first.err()).isEqualTo(NEVER);
        assertThat(lines(first.out()))
                .extracting(line -> line.get("status").asText())
                .containsExactly("done", "wrong", "wrong", "done");
        assertThat(lines(first.out()).get(1).get("reason").asText()).contains("cathedral");
        assertThat(lines(first.out()).get(3).get("computed").asInt()).isEqualTo(3);
        assertThat(content(out)).containsOnlyKeys("one.json", "one.mp4", "one.npy", "two.json", "two.mp4", "two.npy");

        CommandLineRunner again =
                CommandLineRunner.run(command(jobs, out.toUri().toString()));
        assertThat(lines(again.out()))
                .extracting(line -> line.get("status").asText())
                .containsExactly("skipped", "wrong", "wrong", "skipped");
        assertThat(lines(again.out()).get(3).get("latent"))
                .as("a clip that was there tells what is known of it")
                .isEqualTo(lines(first.out()).get(3).get("latent"));
        assertThat(again.err()).contains("0 made, 2 there before, 2 wrong, 0 failed");
    }

    @Test
    void aListThatIsHalfUnderstoodIsNotBegun() throws IOException {
        for (Map.Entry<String, String> wrong : Map.of(
                        "{\"id\": \"a/b\", \"prompt\": \"x\"}", "'id' names files",
                        "{\"id\": \"a\"}", "needs 'prompt' or 'conditioning'",
                        "{\"id\": \"a\", \"prompt\": \"x\", \"step\": 3}", "unknown field 'step'",
                        "{\"id\": \"a\", \"prompt\": \"x\", \"steps\": 0}", "'steps' is a whole number from 1",
                        "{\"id\": \"a\", \"prompt\": \"x\", \"seed\": 1.5}", "'seed' is a whole number",
                        "{\"id\": \"first\", \"prompt\": \"x\"}", "the id 'first' stands in line 1 already",
                        "{\"id\": \"a\", \"prompt\": \"x\"} {\"id\": \"b\", \"prompt\": \"x\"}", "is no JSON",
                        "{\"id\": \"a\", \"prompt\": \"x\", \"prompt\": \"y\"}", "Duplicate field 'prompt'",
                        "not json", "is no JSON")
                .entrySet()) {
            Path jobs = list("{\"id\": \"first\", \"prompt\": \"a red circle\", \"steps\": 2}", wrong.getKey());
            CommandLineRunner run =
                    CommandLineRunner.run(command(jobs, folder.resolve("none").toString()));
            assertThat(run.exitCode()).as(wrong.getKey()).isEqualTo(NEVER);
            assertThat(run.err()).contains("line 2: ").contains(wrong.getValue());
            assertThat(folder.resolve("none")).doesNotExist();
        }
    }

    @Test
    void aClipIsNeverTakenForAnotherJobs() throws IOException {
        Path out = folder.resolve("clips");
        String job = "{\"id\": \"one\", \"prompt\": \"a red circle\", \"steps\": 2, \"seed\": 1}";
        assertThat(CommandLineRunner.run(command(list(job), out.toString())).exitCode())
                .isZero();
        Map<String, Object> made = content(out);
        for (String other : List.of(
                job.replace("red", "blue"),
                job.replace("\"seed\": 1", "\"seed\": 2"),
                job.replace("\"steps\": 2", "\"steps\": 3"),
                job.replace("}", ", \"policy\": \"none\"}"),
                job.replace("}", ", \"frames\": 4}"))) {
            CommandLineRunner run = CommandLineRunner.run(command(list(other), out.toString()));
            assertThat(run.exitCode()).as(other).isEqualTo(NEVER);
            assertThat(lines(run.out()).get(0).get("reason").asText()).contains("was made by another job");
        }
        assertThat(content(out)).isEqualTo(made);

        // What says nothing of its job is no clip: it is made again.
        Files.writeString(out.resolve("one.json"), "{\"id\": \"one\", \"status\": \"do");
        CommandLineRunner again = CommandLineRunner.run(command(list(job), out.toString()));
        assertThat(again.err()).contains("1 made");
        assertThat(content(out)).isEqualTo(made);
    }

    /** As a scheduler drives it that has jobs of its own: one process, one model, a job at a time. */
    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void jobsMayArriveOneByOne() throws Exception {
        Path out = folder.resolve("clips");
        Process process = new ProcessBuilder(javaCommand(Path.of("-"), out))
                .redirectError(folder.resolve("said.txt").toFile())
                .start();
        try (BufferedWriter ask = process.outputWriter();
                BufferedReader answers = process.inputReader()) {
            for (Map.Entry<String, String> job : List.of(
                    Map.entry("{\"id\": \"one\", \"prompt\": \"a red circle\", \"steps\": 2}", "done"),
                    Map.entry("{\"id\": \"two\", \"prompt\": \"a cathedral\"}", "wrong"),
                    Map.entry("no json", "wrong"),
                    Map.entry("{\"id\": \"one\", \"prompt\": \"a red circle\", \"steps\": 2}", "skipped"),
                    Map.entry("{\"id\": \"one\", \"prompt\": \"a blue circle\", \"steps\": 2}", "wrong"))) {
                ask.write(job.getKey() + "\n");
                ask.flush();
                String answer = answers.readLine();
                assertThat(lines(answer).get(0).get("status").asText())
                        .as(answer)
                        .isEqualTo(job.getValue());
            }
            // The signal alone: Process.destroy closes standard input, too, which is an end of its own.
            process.toHandle().destroy();
            assertThat(process.waitFor()).as("told to stop while it waits").isEqualTo(128 + 15);
        }
        assertThat(content(out)).containsOnlyKeys("one.json", "one.mp4", "one.npy");
    }

    @Test
    void aPlaceThatJavaDoesNotKnowIsRefused() throws IOException {
        CommandLineRunner run = CommandLineRunner.run(command(list(2), "s3://bucket/clips"));
        assertThat(run.exitCode()).isEqualTo(NEVER);
        assertThat(run.err()).contains("Java knows no file system for s3://bucket/clips");
    }

    private List<String> javaCommand(Path jobs, Path out) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(List.of(command(jobs, out.toString())));
        return command;
    }

    private Process start(Path jobs, Path out, Map<String, String> environment) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(javaCommand(jobs, out));
        builder.environment().putAll(environment);
        return builder.redirectErrorStream(true)
                .redirectOutput(
                        folder.resolve("said-" + System.nanoTime() + ".txt").toFile())
                .start();
    }

    /** As Kubernetes starts the pods of docs/examples/kubernetes. */
    private static Map<String, String> shard(String index) {
        return Map.of("JOB_COMPLETION_INDEX", index, "ADACACHE_SHARDS", "2");
    }

    private static void awaitFile(Path file, Process process) {
        while (Files.notExists(file) && process.isAlive()) {
            LockSupport.parkNanos(20_000_000);
        }
        assertThat(file).exists();
    }

    /** One run is told to stop, the next is killed, then two share what is left at the same time. */
    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void stoppedKilledAndSharedIsAsUndisturbed() throws Exception {
        Path jobs = list(40);
        Path undisturbed = folder.resolve("undisturbed");
        assertThat(CommandLineRunner.run(command(jobs, undisturbed.toString())).exitCode())
                .isZero();

        Path out = folder.resolve("disturbed");
        Process stopped = start(jobs, out, Map.of());
        awaitFile(out.resolve("red.json"), stopped);
        stopped.destroy();
        assertThat(stopped.waitFor()).isEqualTo(128 + 15);
        assertNothingIsHalf(out, undisturbed);

        Process killed = start(jobs, out, Map.of());
        awaitFile(out.resolve("green.json"), killed);
        killed.destroyForcibly();
        killed.waitFor();
        assertNothingIsHalf(out, undisturbed);

        Process even = start(jobs, out, shard("0"));
        Process odd = start(jobs, out, shard("1"));
        assertThat(even.waitFor()).isZero();
        assertThat(odd.waitFor()).isZero();
        CommandLineRunner last = CommandLineRunner.run(command(jobs, out.toString()));
        assertThat(last.exitCode()).isZero();
        assertThat(last.err()).contains("0 made, 4 there before");
        assertThat(content(out)).isEqualTo(content(undisturbed));
    }

    /** Killed without a word anywhere between the start of the JVM and its end, and run again: {@code -Dbatch.kills=20} for more. */
    @Test
    @Timeout(3600)
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void killedAtAnyMomentIsAsUndisturbed() throws Exception {
        long seed = Long.getLong("batch.seed", 20261127);
        int kills = Integer.getInteger("batch.kills", 2);
        System.out.println("seed " + seed + " (-Dbatch.seed=...), " + kills + " kills (-Dbatch.kills=...)");
        Random random = new Random(seed);
        Path jobs = list(6);
        Path undisturbed = folder.resolve("undisturbed");
        long begin = System.nanoTime();
        assertThat(start(jobs, undisturbed, Map.of()).waitFor()).isZero();
        long whole = System.nanoTime() - begin;

        Path out = Files.createDirectory(folder.resolve("disturbed-0"));
        List<String> moments = new ArrayList<>();
        for (int i = 0; i < kills; i++) {
            Process process = start(jobs, out, Map.of());
            LockSupport.parkNanos(random.nextLong(whole));
            boolean running = process.isAlive();
            process.destroyForcibly();
            process.waitFor();
            moments.add(running ? content(out).keySet().toString() : "it had ended");
            assertNothingIsHalf(out, undisturbed);
            if (content(out).keySet().containsAll(content(undisturbed).keySet())) {
                assertEndsAs(undisturbed, jobs, out);
                out = Files.createDirectory(folder.resolve("disturbed-" + (i + 1)));
            }
        }
        System.out.println("files at each kill: " + moments);
        assertEndsAs(undisturbed, jobs, out);
    }

    private void assertEndsAs(Path undisturbed, Path jobs, Path out) throws Exception {
        assertThat(start(jobs, out, Map.of()).waitFor()).isZero();
        assertThat(content(out)).isEqualTo(content(undisturbed));
    }

    private static void assertNothingIsHalf(Path out, Path undisturbed) throws IOException {
        Map<String, Object> all = content(undisturbed);
        Map<String, Object> some = content(out);
        some.keySet().removeIf(name -> name.endsWith(".part"));
        assertThat(all).containsAllEntriesOf(some);
    }

    @Test
    void aFolderOfClipsIsShownAsAPage() throws IOException {
        Path out = folder.resolve("clips");
        CommandLineRunner made = CommandLineRunner.run(command(
                list("{\"id\": \"one\", \"prompt\": \"a red circle\", \"steps\": 2}"),
                out.toString(),
                "--format",
                "webp,gif"));
        assertThat(made.exitCode()).as(made.err()).isZero();
        CommandLineRunner page = CommandLineRunner.run("view", out.toString());
        assertThat(page.exitCode()).as(page.err()).isZero();
        assertThat(page.out()).startsWith("1 clips: file:/");
        assertThat(Files.readString(out.resolve("clips.html"), StandardCharsets.UTF_8))
                .contains("<video ", "data:video/mp4;base64,", "policy adacache-fast", "<b>one</b>")
                .doesNotContain("data:image/gif");
        CommandLineRunner empty = CommandLineRunner.run(
                "view", Files.createDirectory(folder.resolve("empty")).toString());
        assertThat(empty.exitCode()).isEqualTo(NEVER);
        assertThat(empty.err()).contains("There are no clips in");
    }
}
