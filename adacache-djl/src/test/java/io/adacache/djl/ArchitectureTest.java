package io.adacache.djl;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Exports;
import java.lang.module.ModuleDescriptor.Requires;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** What may know what, and what the module shows. Each rule also shows that it looked at something. */
class ArchitectureTest {
    private static final List<String> EXPORTED = List.of("io.adacache.djl", "io.adacache.djl.instrument");
    private static final int MOST_PUBLIC_TYPES = 12;

    private static final JavaClasses DJL = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.adacache.djl");

    private static List<JavaPackage> packages() {
        return DJL.stream()
                .map(JavaClass::getPackage)
                .distinct()
                .sorted(Comparator.comparing(JavaPackage::getName))
                .toList();
    }

    private static List<JavaClass> publicTypes() {
        return DJL.stream()
                .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC) && type.isTopLevelClass())
                .sorted(Comparator.comparing(JavaClass::getName))
                .toList();
    }

    private static ModuleDescriptor module() throws Exception {
        Path classes = Path.of(Manifest.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        try (InputStream descriptor = Files.newInputStream(classes.resolve("module-info.class"))) {
            return ModuleDescriptor.read(descriptor);
        }
    }

    @Test
    void packagesHaveNoCycles() {
        assertThat(packages()).hasSizeGreaterThanOrEqualTo(6);
        slices().assignedFrom(new EachPackage()).should().beFreeOfCycles().check(DJL);
        noClasses()
                .that()
                .resideInAnyPackage(
                        "io.adacache.djl.archive",
                        "io.adacache.djl.npz",
                        "io.adacache.djl.manifest",
                        "io.adacache.djl.instrument.syntax")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.adacache.djl", "io.adacache.djl.instrument", "ai.djl..")
                .check(DJL);
    }

    /** Each package is a slice of its own, the root package too. */
    private static final class EachPackage implements SliceAssignment {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            return SliceIdentifier.of(type.getPackageName());
        }

        @Override
        public String getDescription() {
            return "each package";
        }
    }

    @Test
    void nobodyWritesToStandardStreams() {
        NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS.check(DJL);
    }

    @Test
    void jsonIsReadInOnePlace() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.adacache.djl.manifest")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("com.google.gson..")
                .check(DJL);
        assertThat(DJL.get("io.adacache.djl.manifest.PlainJson").getDirectDependenciesFromSelf())
                .anyMatch(use -> use.getTargetClass().getPackageName().startsWith("com.google.gson"));
    }

    @Test
    void archivesAreOpenedInOnePlace() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.adacache.djl.archive")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.util.zip..")
                .check(DJL);
    }

    @Test
    void everyPackageIsNullMarked() {
        assertThat(packages()).allSatisfy(room -> assertThat(room.isAnnotatedWith(NullMarked.class))
                .as("%s", room.getName())
                .isTrue());
    }

    @Test
    void theModuleShowsWhatIsMeantForUseAndNothingElse() throws Exception {
        ModuleDescriptor module = module();
        assertThat(module.name()).isEqualTo("io.adacache.djl");
        assertThat(module.exports()).extracting(Exports::source).containsExactlyInAnyOrderElementsOf(EXPORTED);
        assertThat(module.exports()).noneMatch(Exports::isQualified);
        assertThat(module.requires().stream()
                        .filter(needed -> !needed.modifiers().contains(Requires.Modifier.STATIC))
                        .map(Requires::name))
                .containsExactlyInAnyOrder(
                        "java.base", "io.adacache.core", "ai.djl.api", "ai.djl.pytorch_engine", "com.google.gson");
    }

    @Test
    void fewTypesArePublicAndNoTwoShareAName() {
        List<String> shown = publicTypes().stream()
                .filter(type -> EXPORTED.contains(type.getPackageName()))
                .map(JavaClass::getName)
                .toList();
        assertThat(shown)
                .as("public top-level types in exported packages, %d: %s", shown.size(), shown)
                .hasSizeBetween(5, MOST_PUBLIC_TYPES);
        Set<String> names = new HashSet<>();
        assertThat(publicTypes())
                .allMatch(type -> type.getSimpleName().equals("package-info") || names.add(type.getSimpleName()));
    }

    /** What a public signature names must be something that a user can name. */
    @Test
    void theInterfaceNamesNothingHidden() {
        assertThat(publicTypes().stream()
                        .filter(type -> EXPORTED.contains(type.getPackageName()))
                        .flatMap(type -> type.getMethods().stream())
                        .filter(method -> method.getModifiers().contains(JavaModifier.PUBLIC))
                        .flatMap(method -> java.util.stream.Stream.concat(
                                java.util.stream.Stream.of(method.getRawReturnType()),
                                method.getRawParameterTypes().stream()))
                        .filter(type -> type.getPackageName().startsWith("io.adacache.djl"))
                        .filter(type -> !EXPORTED.contains(type.getPackageName()))
                        .map(JavaClass::getName))
                .isEmpty();
    }
}
