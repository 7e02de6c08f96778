package io.adacache.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A signal in the middle of a comparison, in a process of its own: an orderly end, then the same command goes on. */
@EnabledOnOs({OS.LINUX, OS.MAC})
class StopTest {
    private static final int SIGTERM = 128 + 15;

    @TempDir
    Path folder;

    private List<String> command() {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "compare",
                "--policies",
                "every-2",
                "--steps",
                "20",
                "--out",
                folder.toString()));
        for (String word : List.of("red", "green", "blue", "white")) {
            command.addAll(List.of("--prompt", "a " + word + " circle"));
        }
        return command;
    }

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void aSignalEndsInOrderAndTheSameCommandGoesOn() throws IOException, InterruptedException {
        Path unfinished = Files.createDirectories(folder.resolve("unfinished"));
        Process first;
        try (WatchService watch = FileSystems.getDefault().newWatchService()) {
            unfinished.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
            first = new ProcessBuilder(command()).redirectErrorStream(true).start();
            while (Files.notExists(unfinished.resolve("case-00001.json"))) {
                watch.take().reset();
            }
        }
        // SIGTERM; SIGINT goes the same way, but a process that a shell has put into the background does not hear it.
        first.toHandle().destroy();
        String said = new String(first.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(first.waitFor()).as(said).isEqualTo(SIGTERM);
        assertThat(said).contains("error: Interrupted; ", "of 4 cases are kept").doesNotContain("Exception", "SIGSEGV");
        assertThat(folder.resolve("report.html")).doesNotExist();
        JsonNode kept = new ObjectMapper()
                .readTree(unfinished.resolve("case-00001.json").toFile());

        Process second = new ProcessBuilder(command()).redirectErrorStream(true).start();
        said = new String(second.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(second.waitFor()).as(said).isZero();
        assertThat(said).contains("goes on: ", "of 4 cases are done");
        JsonNode results =
                new ObjectMapper().readTree(folder.resolve("results.json").toFile());
        assertThat(results).hasSize(8);
        assertThat(results.get(1)).isEqualTo(kept.at("/runs/1/result"));
        assertThat(unfinished).doesNotExist();
    }
}
