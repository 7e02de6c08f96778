package io.adacache;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.adacache.internal.SessionEngine;
import io.adacache.micrometer.CacheMetrics;
import io.adacache.nd4j.Nd4jTensorOps;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** What may know what. Each rule also shows that it looked at something. */
class ArchitectureTest {
    private static final JavaClasses CORE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.adacache");

    private static List<JavaPackage> packages() {
        return CORE.stream()
                .map(JavaClass::getPackage)
                .distinct()
                .sorted(Comparator.comparing(JavaPackage::getName))
                .toList();
    }

    @Test
    void theWholeCoreIsLookedAt() {
        assertThat(CORE).hasSizeGreaterThan(40);
        assertThat(packages()).hasSizeGreaterThanOrEqualTo(9);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("io.adacache.(**)").should().beFreeOfCycles().check(CORE);
        // The root package is in no slice: nothing below may look up to it.
        noClasses()
                .that()
                .resideInAnyPackage("io.adacache.*..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.adacache")
                .check(CORE);
    }

    @Test
    void theCoreKnowsNoEngine() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("ai.djl..", "com.google.gson..", "com.fasterxml..", "picocli..")
                .check(CORE);
    }

    @Test
    void nd4jStaysInItsPackage() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.adacache.nd4j")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.nd4j..", "io.adacache.nd4j")
                .check(CORE);
        assertThat(CORE.get(Nd4jTensorOps.class).getDirectDependenciesFromSelf())
                .as("there, it is used")
                .anyMatch(use -> use.getTargetClass().getPackageName().startsWith("org.nd4j"));
    }

    @Test
    void micrometerAndFlightRecorderStayInTheirPackages() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.adacache.micrometer")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.micrometer..", "io.adacache.micrometer")
                .check(CORE);
        noClasses()
                .that()
                .resideOutsideOfPackage("io.adacache.flight")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("jdk.jfr..")
                .check(CORE);
        assertThat(CORE.get(CacheMetrics.class).getDirectDependenciesFromSelf())
                .as("there, it is used")
                .anyMatch(use -> use.getTargetClass().getPackageName().startsWith("io.micrometer"));
    }

    @Test
    void internalIsUsedByTheFrontDoorOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackages("io.adacache", "io.adacache.internal", "io.adacache.replay")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.adacache.internal")
                .check(CORE);
        assertThat(CORE.get(SessionEngine.class).getDirectDependenciesToSelf())
                .as("there, it is used")
                .anyMatch(use -> use.getOriginClass().getPackageName().equals("io.adacache"));
    }

    @Test
    void nobodyWritesToStandardStreams() {
        NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS.check(CORE);
    }

    @Test
    void everyPackageIsNullMarked() {
        assertThat(packages()).allSatisfy(room -> assertThat(room.isAnnotatedWith(NullMarked.class))
                .as("%s", room.getName())
                .isTrue());
    }

    @Test
    void enginesImplementInterfacesOnly() {
        classes()
                .that()
                .resideInAPackage("io.adacache.spi")
                .and()
                .areTopLevelClasses()
                .should()
                .beInterfaces()
                .check(CORE);
    }
}
