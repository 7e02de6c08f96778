package io.adacache.bench.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Decision records are found from the code that they explain, and from their index. */
class DecisionRecordsTest {
    private static final Path RECORDS = Page.ROOT.resolve("docs/decisions");
    private static final Pattern NAMED = Pattern.compile("docs/decisions/(\\d{4})");

    private static List<Path> records() throws IOException {
        try (Stream<Path> files = Files.list(RECORDS)) {
            return files.filter(file -> file.getFileName().toString().matches("\\d{4}-.*\\.md"))
                    .sorted()
                    .toList();
        }
    }

    private static Set<String> numbers() throws IOException {
        List<String> numbers = records().stream()
                .map(file -> file.getFileName().toString().substring(0, 4))
                .toList();
        assertThat(numbers).as("each number once").doesNotHaveDuplicates().isNotEmpty();
        return Set.copyOf(numbers);
    }

    /** The numbers that the sources (Java and Python, without tests) and the build name. */
    private static Set<String> namedInSources() {
        Stream<String> sources = Stream.of("adacache-core", "adacache-djl", "adacache-bench")
                .map(module -> Page.ROOT.resolve(module).resolve("src/main"))
                .flatMap(DecisionRecordsTest::texts);
        Stream<String> build =
                Stream.of("pom.xml", "adacache-core/bom/pom.xml").map(file -> read(Page.ROOT.resolve(file)));
        return Stream.concat(sources, build)
                .flatMap(text -> NAMED.matcher(text).results().map((MatchResult found) -> found.group(1)))
                .collect(Collectors.toSet());
    }

    private static Stream<String> texts(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files
                    .filter(file -> file.toString().matches(".*\\.(java|py)"))
                    .map(DecisionRecordsTest::read)
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void everyRecordIsNamedByTheCodeThatItExplains() throws IOException {
        assertThat(namedInSources())
                .as("docs/decisions/NNNN in src/main or the build")
                .containsAll(numbers());
    }

    @Test
    void theCodeNamesNoRecordThatIsMissing() throws IOException {
        assertThat(numbers()).containsAll(namedInSources());
    }

    @Test
    void theIndexListsThemAll() throws IOException {
        String index = read(RECORDS.resolve("README.md"));
        assertThat(records()).allSatisfy(file -> assertThat(index).contains("(" + file.getFileName() + ")"));
    }
}
