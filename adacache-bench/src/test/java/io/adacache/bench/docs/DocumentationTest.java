package io.adacache.bench.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;

/** Every example and every link of the documentation holds. What examples leave to their reader is declared in {@link StandIns}. */
class DocumentationTest {
    private static final List<Page> PAGES = Page.all();
    private static final Set<String> LANGUAGES =
            Set.of("java", "sh", "text", "xml", "json", "python", "dockerfile", "properties", "yaml");

    @TempDir
    Path out;

    private static Stream<Page.Block> blocks(String language) {
        return PAGES.stream().flatMap(page -> page.blocks().stream()).filter(block -> block.language()
                .equals(language));
    }

    private static Stream<DynamicTest> each(Stream<Page.Block> blocks, Check check) {
        List<DynamicTest> tests = blocks.map(block -> DynamicTest.dynamicTest(block.toString(), () -> check.of(block)))
                .toList();
        assertThat(tests).as("examples found").isNotEmpty();
        return tests.stream();
    }

    private interface Check {
        void of(Page.Block block) throws Exception;
    }

    @Test
    void thePagesAreFound() {
        assertThat(PAGES)
                .extracting(page -> Page.ROOT.relativize(page.file()).toString())
                .contains("README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/decisions/README.md");
    }

    @TestFactory
    Stream<DynamicTest> everyBlockNamesItsLanguage() {
        return each(PAGES.stream().flatMap(page -> page.blocks().stream()), block -> assertThat(block.language())
                .as("%s: java, sh for commands, text for what is neither", block)
                .isIn(LANGUAGES));
    }

    @TestFactory
    Stream<DynamicTest> javaCompiles() {
        return each(blocks("java"), block -> assertThat(new JavaExample(block.text()).problems(out))
                .as("%s%n%s", block, block.text())
                .isEmpty());
    }

    /** What a newcomer copies is what is tested. */
    @Test
    void thePolicyOnThePageIsTheTestedOne() throws IOException {
        Path tested = Page.ROOT.resolve("adacache-core/src/test/java/io/adacache/example/CalmStack.java");
        String type = Files.readString(tested).replaceFirst("(?s).*?(?=/\\*\\* A whole policy)", "");
        assertThat(Files.readString(Page.ROOT.resolve("docs/policies.md"))).contains(type.strip());
    }

    /** CI builds and runs it as a project of its own; this tells whoever changes the API that it has to change, too. */
    @Test
    void theExampleServiceCompiles() throws IOException {
        assertThat(JavaExample.compile(Page.ROOT.resolve("docs/examples/service/src/main/java/example"), out))
                .isEmpty();
    }

    @TestFactory
    Stream<DynamicTest> commandsExist() {
        return each(blocks("sh"), block -> assertThat(ShellExample.problems(block))
                .as("%s", block)
                .isEmpty());
    }

    @TestFactory
    Stream<DynamicTest> commandsWithinLinesExist() {
        Stream<Page.Block> commands = PAGES.stream()
                .flatMap(page -> page.inlineCode().stream())
                .filter(block -> ShellExample.isCommand(block.text()));
        return each(commands, block -> assertThat(ShellExample.problems(block))
                .as("%s", block)
                .isEmpty());
    }

    @TestFactory
    Stream<DynamicTest> xmlAndJsonAreWellFormed() {
        return each(Stream.concat(blocks("xml"), blocks("json")), block -> {
            if (block.language().equals("json")) {
                assertThat(new ObjectMapper().readTree(block.text()).isMissingNode())
                        .as("%s", block)
                        .isFalse();
            } else {
                String inOne = "<all>" + block.text() + "</all>";
                DocumentBuilderFactory.newInstance()
                        .newDocumentBuilder()
                        .parse(new InputSource(new StringReader(inOne)));
            }
        });
    }

    @Test
    void linksLeadSomewhere() {
        assertThat(PAGES.stream().flatMap(page -> page.links().stream()).filter(DocumentationTest::isBroken))
                .isEmpty();
    }

    private static boolean isBroken(Page.Block link) {
        if (link.text().matches("(https?|mailto):.*")) {
            return false;
        }
        String[] parts = link.text().split("#", 2);
        Path page = link.page().file();
        Path target = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]).normalize();
        boolean anchored = parts.length == 2 && target.toString().endsWith(".md");
        return !Files.exists(target) || anchored && !page(target).anchors().contains(parts[1]);
    }

    private static Page page(Path file) {
        return PAGES.stream().filter(page -> page.file().equals(file)).findAny().orElseThrow();
    }
}
