package io.adacache;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The types that a reader of the API has to know, listed: few enough to be learned in an afternoon. */
class PublicTypesTest {
    private static final int MOST = 35;
    private static final List<String> EXPORTED = List.of(
            "io.adacache",
            "io.adacache.event",
            "io.adacache.layout",
            "io.adacache.metric",
            "io.adacache.nd4j",
            "io.adacache.policy",
            "io.adacache.spi",
            "io.adacache.tune");

    @Test
    void areThese() {
        List<String> types = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS).importPackages(EXPORTED).stream()
                        .filter(type -> EXPORTED.contains(type.getPackageName()))
                        .filter(type ->
                                type.isTopLevelClass() && type.getModifiers().contains(JavaModifier.PUBLIC))
                        .filter(type -> !type.getSimpleName().equals("package-info"))
                        .map(JavaClass::getName)
                        .map(name -> name.substring("io.adacache.".length()))
                        .sorted()
                        .toList();
        assertThat(types)
                .containsExactly(
                        "AdaCache",
                        "CacheSession",
                        "CacheStats",
                        "Calibration",
                        "Footprint",
                        "Policies",
                        "event.CacheListener",
                        "event.Trace",
                        "layout.Layout",
                        "layout.Part",
                        "layout.ResidualKind",
                        "layout.Site",
                        "layout.Span",
                        "layout.TokenGrid",
                        "metric.Measure",
                        "metric.Metric",
                        "metric.Probe",
                        "metric.Sums",
                        "nd4j.Nd4jTensorOps",
                        "policy.CachePolicy",
                        "policy.Codebook",
                        "policy.Decision",
                        "policy.Figures",
                        "policy.Forecast",
                        "policy.Generation",
                        "policy.PolicyProvider",
                        "policy.PolicyRun",
                        "policy.Setting",
                        "policy.Settings",
                        "spi.TensorOps",
                        "spi.Transformer",
                        "tune.Fitting",
                        "tune.Recording")
                .hasSizeLessThanOrEqualTo(MOST);
        assertThat(types.stream().map(name -> name.substring(name.lastIndexOf('.') + 1)))
                .doesNotHaveDuplicates();
    }
}
