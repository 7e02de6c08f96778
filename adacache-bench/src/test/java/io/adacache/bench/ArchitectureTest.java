package io.adacache.bench;

import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import org.junit.jupiter.api.Test;

/** The rooms of this module. */
class ArchitectureTest {
    private final JavaClasses classes = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.adacache.bench");

    @Test
    void roomsFormNoCycle() {
        assertThat(classes).hasSizeGreaterThan(40);
        slices().matching("io.adacache.bench.(*)..").should().beFreeOfCycles().check(classes);
    }

    @Test
    void theSamplerKnowsNoEngine() {
        ArchRuleDefinition.noClasses()
                .that()
                .resideInAPackage("io.adacache.bench.sampler..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("ai.djl..", "io.adacache.djl..")
                .check(classes);
    }
}
