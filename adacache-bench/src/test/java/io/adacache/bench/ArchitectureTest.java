package io.adacache.bench;

import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
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

    /** The program is a user like any other, but for the reader of NumPy's files, which the instrumenter has as well. */
    @Test
    void whatTheLibraryHidesIsNotUsed() {
        ArchRuleDefinition.noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.adacache.djl.archive..",
                        "io.adacache.djl.engine..",
                        "io.adacache.djl.manifest..",
                        "io.adacache.djl.instrument.graph..",
                        "io.adacache.djl.instrument.syntax..",
                        "com.google.gson..")
                .check(classes);
        assertThat(classes.stream().flatMap(type -> type.getDirectDependenciesFromSelf().stream()))
                .anyMatch(use -> use.getTargetClass().getPackageName().equals("io.adacache.djl.npz"));
    }

    /** What is printed goes through the command line's own writers; only the progress bar draws on the terminal itself. */
    @Test
    void nobodyWritesToStandardStreams() {
        NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS.check(
                classes.that(DescribedPredicate.not(JavaClass.Predicates.simpleNameStartingWith("Progress"))));
    }
}
