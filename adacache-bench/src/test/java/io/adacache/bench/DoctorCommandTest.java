package io.adacache.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The doctor as a health check. */
class DoctorCommandTest {
    @TempDir
    private Path folder;

    @Test
    void aGoodMachineWithTheDemoModelIsGood() {
        CommandLineRunner run = CommandLineRunner.run("doctor");
        assertThat(run.exitCode()).as(run.out()).isZero();
        assertThat(run.out())
                .contains("good  versions", "good  model file", "good  generation")
                .doesNotContain("wrong ");
    }

    @Test
    void whatIsWrongIsSaidWithWhatToDo() throws IOException {
        Path file = Files.writeString(folder.resolve("model.pt"), "no model");
        CommandLineRunner run = CommandLineRunner.run("doctor", "--model", file.toString());
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).contains("wrong model file", "-> copy the file anew");
    }

    @Test
    void aProgramReadsFindingsAsJson() throws IOException {
        CommandLineRunner run = CommandLineRunner.run("doctor", "--device", "gpu:5", "--json");
        assertThat(run.exitCode()).isEqualTo(1);
        JsonNode findings = new ObjectMapper().readTree(run.out());
        assertThat(findings.findValuesAsText("level")).contains("GOOD", "WRONG");
        assertThat(findings.findValuesAsText("subject")).contains("engine", "java");
    }
}
