package io.adacache.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.adacache.metric.Metric;
import io.adacache.metric.Probe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The file of a recording: what is in it, and what is no recording. */
class RecordingFormatTest {
    private static final String GOOD = """
            {"format": "adacache-recording", "version": 1, "about": {"seed": 7, "prompt": "a \\u0022red\\u0022 circle"},
             "steps": 3, "branches": ["single"], "timesteps": [1000, 666.5, 333.25],
             "sites": [{"block": 0, "kind": "spatial-attention"}, {"block": 0, "kind": "mlp"}],
             "distances": [{"probe": "latent", "metric": "l1", "branch": "single", "entries": [
              {"now": 2, "then": 1, "distance": 0.5, "sums": [[1, 2, 4], ["NaN", "Infinity", "-Infinity"]]}]}],
             "motions": [{"probe": "latent", "metric": "l1", "branch": "single", "entries": [
              {"stride": 1, "step": 3, "motion": 0.1, "sums": [[1e-1, 2.5, -0.0]]}]}]}
            """;

    @TempDir
    Path folder;

    private Recording load(String text) throws IOException {
        return Recording.load(Files.writeString(folder.resolve("r.json"), text));
    }

    @Test
    void whatIsWrittenByHandIsRead() throws IOException {
        Recording recording = load(GOOD);
        assertThat(recording.generation().steps()).isEqualTo(3);
        assertThat(recording.generation().timesteps()).containsExactly(1000.0, 666.5, 333.25);
        assertThat(recording.layout().sites()).hasSize(2);
        assertThat(recording.about()).isEqualTo(Map.of("seed", "7", "prompt", "a \"red\" circle"));
        double[] first =
                recording.distance(new Probe.Latent(), Metric.L1, 2, 1).row(0).total();
        assertThat(first).containsExactly(1, 2, 4);
        double[] second =
                recording.distance(new Probe.Latent(), Metric.L1, 2, 1).row(1).total();
        assertThat(second).containsExactly(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY);
        assertThat(load(recording.json()).json()).isEqualTo(recording.json());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"adacache-recording\" | \"something\" | does not begin as a recording that this version can read",
                "\"version\": 1 | \"version\": 2 | does not begin as a recording",
                "\"steps\": 3 | \"steps\": 3.5 | should hold 'steps' as a whole number",
                "\"now\": 2 | \"now\": 4 | has numbers of a step 4 where 1 to 3 can be",
                "\"then\": 1 | \"then\": 2 | has numbers of a step 2 where 1 to 1 can be",
                "\"probe\": \"latent\" | \"probe\": \"nowhere\" | 'nowhere' is no probe",
                "[[1, 2, 4], | [[1, 2], | no rows of equal length",
                "[\"single\"] | [\"other\"] | a branch 'single' that was not announced",
                "\"sites\": [ | \"sites\": [1, | should hold 'sites' as an object",
                "666.5 | 06.5 | is no JSON: it should have a value at character",
                "\"about\": { | \"about\": {\"seed\": 1, | names 'seed' twice",
            })
    void whatIsWrongIsOneClearError(String good, String bad, String message) {
        assertThat(GOOD).contains(good);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> load(GOOD.replace(good, bad)))
                .withMessageStartingWith(folder.resolve("r.json") + " is no recording: it ")
                .withMessageContaining(message);
    }

    @Test
    void otherFilesAreNoRecordings() throws IOException {
        for (String text : List.of("", "adacache-recording 1\nsteps 3\n", "[]", "{}", "3", GOOD + "x", "{\"a\":[")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> load(text))
                    .withMessageContaining("is no recording: it ");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> load("[".repeat(100_000)))
                .withMessageContaining("nested deeper");
        Path bytes = Files.write(folder.resolve("b"), new byte[] {(byte) 0xff, (byte) 0xfe});
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Recording.load(folder))
                .withMessageContaining(folder + " is a folder");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Recording.load(bytes))
                .withMessageContaining("no text in UTF-8");
    }

    /** Cut off or with a character changed, a file is read or refused by a message; nothing else happens. */
    @Test
    void damagedFilesNeverGiveAnythingElse() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        List<String> damaged = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            StringBuilder text = new StringBuilder(GOOD);
            int at = random.nextInt(GOOD.length());
            if (random.nextBoolean()) {
                text.setLength(at);
            } else {
                text.setCharAt(at, "{}[]\",:0e-\\ux".charAt(random.nextInt(13)));
            }
            damaged.add(text.toString());
        }
        for (String text : damaged) {
            try {
                RecordingFormat.parse("it", text);
            } catch (IllegalArgumentException e) {
                assertThat(e.getMessage()).as("seed %d: %s", seed, text).startsWith("it is no recording: it ");
            }
        }
    }
}
