package io.adacache.bench.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A Markdown page of the repository: its fenced blocks, its code within lines, its links. */
record Page(Path file, String text) {
    static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private static final Set<String> SKIPPED =
            Set.of("target", ".git", "venv", ".venv", "node_modules", "resources", "__pycache__");
    private static final Pattern FENCE =
            Pattern.compile("^( *)```([a-z]*)[^\n`]*\n(.*?)^ *``` *$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern INLINE = Pattern.compile("`([^`]+)`");
    private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");

    /** A fenced block; the language is empty where the page names none. */
    record Block(Page page, int line, String language, String text) {
        @Override
        public String toString() {
            return ROOT.relativize(page.file()) + ":" + line;
        }
    }

    /** All pages, wherever they lie; what tests and builds leave behind is not looked at. */
    static List<Page> all() {
        List<Page> pages = new ArrayList<>();
        collect(ROOT, pages);
        return pages;
    }

    private static void collect(Path folder, List<Page> pages) {
        try (Stream<Path> entries = Files.list(folder)) {
            for (Path entry : entries.sorted().toList()) {
                String name = entry.getFileName().toString();
                if (Files.isDirectory(entry) && !SKIPPED.contains(name)) {
                    collect(entry, pages);
                } else if (name.endsWith(".md")) {
                    pages.add(new Page(entry, Files.readString(entry)));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<Block> blocks() {
        List<Block> blocks = new ArrayList<>();
        eachMatch(
                FENCE,
                text,
                found -> blocks.add(new Block(
                        this,
                        lineOf(found.start()),
                        found.group(2),
                        found.group(3).stripIndent())));
        return blocks;
    }

    /** Code within lines, each as a block of one line. */
    List<Block> inlineCode() {
        List<Block> spans = new ArrayList<>();
        eachMatch(
                INLINE,
                withoutBlocks(),
                found -> spans.add(new Block(
                        this, lineOf(found.start()), "", found.group(1).replace('\n', ' '))));
        return spans;
    }

    /** Targets of links, as written. */
    List<Block> links() {
        List<Block> links = new ArrayList<>();
        eachMatch(
                LINK, withoutBlocks(), found -> links.add(new Block(this, lineOf(found.start()), "", found.group(1))));
        return links;
    }

    /** The headings' anchors, as a Markdown viewer makes them. */
    List<String> anchors() {
        List<String> anchors = new ArrayList<>();
        eachMatch(
                Pattern.compile("^#+ (.+)$", Pattern.MULTILINE),
                withoutBlocks(),
                found -> anchors.add(found.group(1)
                        .toLowerCase()
                        .replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .strip()
                        .replace(' ', '-')));
        return anchors;
    }

    /** The page with every block blanked out; lines and offsets stay. */
    private String withoutBlocks() {
        return FENCE.matcher(text).replaceAll(found -> found.group().replaceAll("[^\n]", " "));
    }

    private int lineOf(int offset) {
        return 1
                + (int) text.substring(0, offset).chars().filter(c -> c == '\n').count();
    }

    private static void eachMatch(Pattern pattern, String text, Consumer<MatchResult> action) {
        Matcher matcher = pattern.matcher(text);
        while (matcher.find()) {
            action.accept(matcher.toMatchResult());
        }
    }
}
