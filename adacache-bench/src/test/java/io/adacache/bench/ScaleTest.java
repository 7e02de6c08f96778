package io.adacache.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The command 'scale' on tiny models: what it counts is right; what it times is not looked at. */
class ScaleTest {
    @TempDir
    private Path folder;

    private List<JsonNode> measured(String... more) throws IOException {
        List<String> arguments = new ArrayList<>(
                List.of("scale", "--sizes", "2x4x4,2x4x8", "--steps", "6", "--text", "4", "--out", folder.toString()));
        arguments.addAll(List.of(more));
        CommandLineRunner ran = CommandLineRunner.run(arguments.toArray(String[]::new));
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.out()).contains("of ideal", "grows with tokens^");
        List<JsonNode> rows = new ArrayList<>();
        new ObjectMapper()
                .readTree(folder.resolve("scale.json").toFile())
                .get("rows")
                .forEach(rows::add);
        return rows;
    }

    @ParameterizedTest
    @ValueSource(strings = {"open-sora-tiny.pt", "open-sora-tiny-bf16.pt", "latte-tiny.pt", "wan-tiny.pt"})
    void measuresEveryFamily(String model) throws IOException {
        List<JsonNode> rows = measured("--model", TestFiles.model(model).toString());
        assertThat(rows).hasSize(2 * 4);
        for (JsonNode row : rows) {
            boolean none = row.get("policy").asText().equals("none");
            // Rate 3 from the second step on; the first steps and the last are always computed.
            assertThat(row.get("computed").asInt()).as(row.toString()).isEqualTo(none ? 6 : 4);
            assertThat(row.get("heldBytes").asLong())
                    .isEqualTo(row.get("heldPredicted").asLong());
            assertThat(row.get("peakBytes").asLong())
                    .isEqualTo(row.get("peakPredicted").asLong());
            assertThat(row.get("ownShare").asDouble()).isBetween(0.0, 1.0);
            assertThat(row.get("realised").asDouble()).isPositive();
        }
        assertThat(Files.readString(folder.resolve("scale.csv")).lines()).hasSize(1 + rows.size());
        assertThat(Files.readString(folder.resolve("scale.svg")))
                .startsWith("<svg xmlns=")
                .endsWith("</svg>");
    }

    @ParameterizedTest
    @CsvSource({"frames,1", "rows,2"})
    void tellsWhatSeveralDevicesHandOn(String divided, String rowsOfACall) throws IOException {
        List<JsonNode> rows = measured(
                "--model",
                TestFiles.model("open-sora-tiny.pt").toString(),
                "--policy",
                "every-3",
                "--shards",
                "2",
                "--divide",
                divided,
                "--rows",
                rowsOfACall);
        JsonNode last = rows.get(rows.size() - 1);
        long prediction = 4L * Integer.parseInt(rowsOfACall) * 8 * 2 * 4 * 8;
        assertThat(last.get("policy").asText()).isEqualTo("every-3");
        assertThat(last.get("movedReusedBytes").asLong()).isEqualTo(prediction / 2);
        long computed = last.get("movedComputedBytes").asLong();
        if (divided.equals("rows")) {
            assertThat(computed).isEqualTo(prediction / 2);
        } else {
            assertThat(computed).isGreaterThan(prediction / 2);
        }
    }

    @Test
    void theSyntheticModelLoadsAndRuns() throws IOException {
        List<JsonNode> rows = measured("--model", "open-sora-3x512", "--policy", "adacache-fast");
        // Two sizes, without and with the policy.
        assertThat(rows).hasSize(4);
        assertThat(rows.get(0).get("weights").asLong()).isGreaterThan(25_000_000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"480p", "8x32", "0x4x4", "4x0x4"})
    void whatIsNoSizeIsRefusedBeforeAnythingRuns(String size) {
        CommandLineRunner ran = CommandLineRunner.run("scale", "--sizes", size);
        assertThat(ran.exitCode()).isEqualTo(ExitCodes.WRONG_INPUT);
        assertThat(ran.err()).contains(size, "480p-2s");
    }
}
