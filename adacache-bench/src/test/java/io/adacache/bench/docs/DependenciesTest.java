package io.adacache.bench.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** What the published libraries bring to whoever uses them. It does not grow: a new dependency is a decision, and a change of this test. */
class DependenciesTest {
    /** Of a POM's own dependencies those that are not for its tests alone. */
    private static List<String> published(Path pom) throws Exception {
        Element project = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(pom.toFile())
                .getDocumentElement();
        List<String> found = new ArrayList<>();
        NodeList all = project.getElementsByTagName("dependency");
        for (int i = 0; i < all.getLength(); i++) {
            Element each = (Element) all.item(i);
            boolean own = each.getParentNode().getParentNode().equals(project);
            if (own && !text(each, "scope").equals("test")) {
                found.add(text(each, "groupId") + ":" + text(each, "artifactId")
                        + (text(each, "optional").equals("true") ? " (optional)" : ""));
            }
        }
        return found;
    }

    private static String text(Element element, String name) {
        NodeList all = element.getElementsByTagName(name);
        return all.getLength() == 0 ? "" : all.item(0).getTextContent().strip();
    }

    private static Path pom(String module) {
        return Page.ROOT.resolve(module).resolve("pom.xml");
    }

    @Test
    void theCoreBringsTwoSmallLibraries() throws Exception {
        assertThat(published(pom("adacache-core")))
                .containsExactlyInAnyOrder(
                        "org.slf4j:slf4j-api",
                        "org.jspecify:jspecify",
                        "io.micrometer:micrometer-core (optional)",
                        "org.nd4j:nd4j-api (optional)");
    }

    @Test
    void theEnginesModuleBringsDjl() throws Exception {
        assertThat(published(pom("adacache-djl")))
                .containsExactlyInAnyOrder(
                        "io.adacache:adacache-core",
                        "ai.djl:api",
                        "ai.djl.pytorch:pytorch-engine",
                        "com.google.code.gson:gson",
                        "org.jspecify:jspecify");
    }

    /** What the parent adds reaches both. */
    @Test
    void theParentAddsNothingButTests() throws Exception {
        assertThat(published(Page.ROOT.resolve("pom.xml"))).isEmpty();
    }

    /** Examples need more, and are no modules of the build: they have POMs of their own. */
    @Test
    void examplesAreNoModules() throws Exception {
        assertThat(Files.readString(Page.ROOT.resolve("pom.xml"))).doesNotContain("docs/examples");
        try (Stream<Path> folders = Files.list(Page.ROOT.resolve("docs/examples"))) {
            assertThat(folders.filter(folder -> Files.isDirectory(folder.resolve("src/main"))))
                    .isNotEmpty()
                    .allSatisfy(folder -> assertThat(folder.resolve("pom.xml")).exists());
        }
    }
}
