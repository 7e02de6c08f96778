package io.adacache.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.adacache.Policies;
import org.junit.jupiter.api.Test;

/** The list of policies, and the help of each. */
class PoliciesCommandTest {
    @Test
    void listsEachPolicyInALine() {
        CommandLineRunner run = CommandLineRunner.run("policies");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out().lines()).hasSameSizeAs(Policies.names());
        assertThat(run.out().lines().map(line -> line.split(" ", 2)[0])).containsExactlyElementsOf(Policies.names());
    }

    @Test
    void tellsAPolicysSettingsAndDefaults() {
        CommandLineRunner run = CommandLineRunner.run("policies", "every");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .startsWith("every: ")
                .contains("  n ")
                .endsWith("A bare value sets n." + System.lineSeparator());
        assertThat(CommandLineRunner.run("policies", "easycache").out()).contains("(default: ");
    }

    @Test
    void aNameThatDoesNotExistIsOneError() {
        CommandLineRunner run = CommandLineRunner.run("policies", "adacache-fats");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("adacache-fats").contains("adacache-fast");
    }
}
