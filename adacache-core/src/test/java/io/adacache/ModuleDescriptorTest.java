package io.adacache;

import static org.assertj.core.api.Assertions.assertThat;

import io.adacache.policy.PolicyProvider;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Exports;
import java.lang.module.ModuleDescriptor.Requires;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the module shows and needs. */
class ModuleDescriptorTest {
    private static final Path CLASSES = placeOf(AdaCache.class);

    private static ModuleDescriptor module;

    private static Path placeOf(Class<?> type) {
        try {
            return Path.of(
                    type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    @BeforeAll
    static void read() throws IOException {
        try (InputStream descriptor = Files.newInputStream(CLASSES.resolve("module-info.class"))) {
            module = ModuleDescriptor.read(descriptor);
        }
    }

    @Test
    void exportsExactlyTheApi() {
        assertThat(module.exports())
                .extracting(Exports::source)
                .containsExactlyInAnyOrder(
                        "io.adacache",
                        "io.adacache.event",
                        "io.adacache.layout",
                        "io.adacache.metric",
                        "io.adacache.micrometer",
                        "io.adacache.nd4j",
                        "io.adacache.policy",
                        "io.adacache.spi",
                        "io.adacache.tune");
        assertThat(module.exports()).noneMatch(Exports::isQualified);
    }

    @Test
    void everyOtherPackageIsInternal() throws IOException {
        Set<String> exported = module.exports().stream().map(Exports::source).collect(Collectors.toSet());
        try (Stream<Path> files = Files.walk(CLASSES)) {
            Set<String> hidden = files.filter(
                            file -> file.toString().endsWith(".class") && !file.endsWith("module-info.class"))
                    .map(file -> CLASSES.relativize(file.getParent()).toString().replace('/', '.'))
                    .filter(name -> !exported.contains(name))
                    .collect(Collectors.toSet());
            assertThat(hidden)
                    .containsExactlyInAnyOrder(
                            "io.adacache.adaptive",
                            "io.adacache.calibrate",
                            "io.adacache.flight",
                            "io.adacache.internal",
                            "io.adacache.replay",
                            "io.adacache.rivals");
        }
    }

    @Test
    void needsNothingButSlf4jAtRunTime() {
        assertThat(module.name()).isEqualTo("io.adacache.core");
        assertThat(module.requires().stream()
                        .filter(needed -> !needed.modifiers().contains(Requires.Modifier.STATIC))
                        .map(Requires::name))
                .containsExactlyInAnyOrder("java.base", "org.slf4j");
        assertThat(module.uses()).containsExactly(PolicyProvider.class.getName());
    }
}
