package io.adacache.djl;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import io.adacache.djl.TorchScriptTransformer.Finding;
import io.adacache.djl.TorchScriptTransformer.Finding.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is found before a service goes live, and that whatever is wrong is a finding with advice, not an exception. */
class DoctorTest {
    @TempDir
    private Path folder;

    private static List<Finding> of(List<Finding> findings, String subject) {
        return findings.stream()
                .filter(finding -> finding.subject().equals(subject))
                .toList();
    }

    private static List<Finding> wrong(List<Finding> findings) {
        return findings.stream()
                .filter(finding -> finding.level() == Level.WRONG)
                .toList();
    }

    @Test
    void aGoodModelOnThisMachineIsGood() {
        List<Finding> findings = TorchScriptTransformer.examine(TestModels.file(TestModels.OPEN_SORA), Device.cpu());
        assertThat(wrong(findings)).isEmpty();
        assertThat(findings)
                .extracting(Finding::subject)
                .contains(
                        "java",
                        "memory",
                        "versions",
                        "threads",
                        "allocator",
                        "temporary folder",
                        "engine cache",
                        "engine",
                        "devices",
                        "model file",
                        "manifest",
                        "generation");
        assertThat(of(findings, "versions")).singleElement().satisfies(finding -> assertThat(finding.found())
                .contains("DJL 0.", "pytorch-jni 2.", "libtorch 2.", "cpu"));
        assertThat(of(findings, "generation")).singleElement().satisfies(finding -> assertThat(finding.found())
                .startsWith("4 steps of the smallest size on cpu()")
                .contains(" computed, "));
        assertThat(findings)
                .filteredOn(finding -> finding.level() != Level.GOOD)
                .allSatisfy(finding -> assertThat(finding.advice()).isNotBlank());
    }

    @Test
    void withoutAFileTheMachineIsExamined() {
        assertThat(TorchScriptTransformer.examine(null, Device.cpu()))
                .extracting(Finding::subject)
                .contains("engine")
                .doesNotContain("model file", "generation");
    }

    @Test
    void anOpaqueFileIsSaidToBeOne() {
        List<Finding> findings = TorchScriptTransformer.examine(TestModels.file(TestModels.OPAQUE), Device.cpu());
        assertThat(wrong(findings)).isEmpty();
        assertThat(of(findings, "manifest")).singleElement().satisfies(finding -> {
            assertThat(finding.level()).isEqualTo(Level.NOTE);
            assertThat(finding.advice()).contains("instrument");
        });
    }

    @Test
    void aDamagedFileIsAFinding() throws Exception {
        byte[] bytes = Files.readAllBytes(TestModels.file(TestModels.SMALL));
        bytes[bytes.length / 2] ^= 1;
        Path damaged = Files.write(folder.resolve("damaged.pt"), bytes);
        List<Finding> findings = TorchScriptTransformer.examine(damaged, Device.cpu());
        assertThat(of(findings, "model file")).singleElement().satisfies(finding -> {
            assertThat(finding.level()).isEqualTo(Level.WRONG);
            assertThat(finding.advice()).contains("copy the file anew");
        });
        assertThat(of(findings, "generation")).isEmpty();
    }

    @Test
    void aMissingFileIsAFinding() {
        assertThat(wrong(TorchScriptTransformer.examine(folder.resolve("nothing.pt"), Device.cpu())))
                .singleElement()
                .satisfies(finding -> assertThat(finding.found()).contains("There is no model file"));
    }

    @Test
    void aDeviceThatIsNotThereIsAFinding() {
        List<Finding> findings = TorchScriptTransformer.examine(TestModels.file(TestModels.SMALL), Device.gpu(7));
        assertThat(wrong(findings)).singleElement().satisfies(finding -> {
            assertThat(finding.subject()).isEqualTo("engine");
            assertThat(finding.found()).contains("gpu(7)");
        });
        assertThat(of(findings, "model file"))
                .as("the file is looked at all the same")
                .hasSize(1);
        assertThat(of(findings, "generation")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "0.35.1, 2.7.1-0.35.1, 2.7.1, ''",
                "0.35.1, '', 2.7.1, missing",
                "0.36.0, 2.7.1-0.35.1, 2.7.1, another DJL",
                "0.35.1, 2.7.1-0.35.1, '', no libtorch",
                "0.35.1, 2.7.1-0.35.1, 2.5.1, another libtorch",
                "0.35.1, 2.7.1-0.35.1, 2.7, another libtorch"
            })
    void versionsThatDoNotGoTogetherAreSeenBeforeAnythingIsLoaded(
            String djl, String jni, String libtorch, String expected) {
        assertThat(SetUp.mismatch(djl, jni, libtorch)).contains(expected);
        assertThat(SetUp.mismatch(djl, jni, libtorch).isEmpty()).isEqualTo(expected.isEmpty());
    }
}
