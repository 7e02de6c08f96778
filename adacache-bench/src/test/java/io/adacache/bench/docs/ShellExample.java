package io.adacache.bench.docs;

import io.adacache.bench.TheCommandLine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/**
 * A shell example of the documentation, held against what there is: the program's commands and options, the Maven build, the Python
 * scripts and their options, the files of the repository. Nothing is run.
 */
final class ShellExample {
    private static final Pattern WORD = Pattern.compile("(?:[^\\s'\";|&]|'[^']*'|\"[^\"]*\")+|&&|[;|]");
    private static final Pattern PLACEHOLDER = Pattern.compile(".*(\\.\\.\\.|\\$|\\b[A-Z]+\\b|<).*");
    private static final Set<String> OTHER_TOOLS = Set.of(
            "bash",
            "cat",
            "cd",
            "chmod",
            "cp",
            "curl",
            "docker",
            "export",
            "git",
            "grep",
            "java",
            "kubectl",
            "ls",
            "mkdir",
            "nice",
            "npx",
            "seq",
            "sha256sum",
            "spark-submit",
            "xargs");
    private static final Set<String> PHASES =
            Set.of("clean", "compile", "test", "package", "verify", "install", "deploy", "test-compile");
    private static final List<Path> PYTHON = List.of(
            Page.ROOT.resolve("adacache-djl/src/main/python"), Page.ROOT.resolve("adacache-bench/src/main/python"));
    private static final Pattern OF_THE_REPOSITORY =
            Pattern.compile("(adacache-(core|djl|bench)|docs|\\.ci|\\.github|\\.mvn)/[\\w./-]*");

    private static final CommandLine PROGRAM = TheCommandLine.get();

    private final Path folder;
    private final List<String> problems = new ArrayList<>();

    private ShellExample(Path folder) {
        this.folder = folder;
    }

    /** Returns what is wrong with a block in which every line is a command. */
    static List<String> problems(Page.Block block) {
        ShellExample example = new ShellExample(block.page().file().getParent());
        commands(block.text()).forEach(example::check);
        return example.problems;
    }

    /** Whether the first word of a text is a command that this class knows. */
    static boolean isCommand(String text) {
        List<String> words = words(text);
        return !words.isEmpty()
                && (words.get(0).matches("adacache-bench|\\./mvnw|(venv/bin/)?python3?")
                        || words.get(0).equals("java") && words.contains("-jar")
                        || words.size() > 1
                                && isOption(words.get(1))
                                && subcommands().containsKey(words.get(0)));
    }

    private static Map<String, CommandLine> subcommands() {
        return PROGRAM.getSubcommands();
    }

    private static boolean isOption(String word) {
        return word.matches("--?[A-Za-z][\\w-]*(=.*)?");
    }

    /** The commands of a text, as words: lines joined where they end in a backslash, comments dropped, lists of commands parted. */
    private static List<List<String>> commands(String text) {
        List<List<String>> commands = new ArrayList<>();
        for (String line : text.replaceAll("\\\\\n", " ").split("\n")) {
            List<String> command = new ArrayList<>();
            for (String word : words(line)) {
                if (word.matches("&&|[;|]")) {
                    commands.add(command);
                    command = new ArrayList<>();
                } else {
                    command.add(word);
                }
            }
            commands.add(command);
        }
        commands.removeIf(List::isEmpty);
        return commands;
    }

    private static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        Matcher matcher = WORD.matcher(line.replaceAll("(^|\\s)#.*", ""));
        while (matcher.find()) {
            words.add(matcher.group().replaceAll("['\"]", ""));
        }
        return words;
    }

    private void check(List<String> command) {
        List<String> words = command.stream()
                .dropWhile(word -> word.matches("[A-Z_a-z]+=.*"))
                .toList();
        command.forEach(this::file);
        if (words.isEmpty()) {
            return;
        }
        String tool = words.get(0);
        List<String> rest = words.subList(1, words.size());
        if (tool.equals("adacache-bench")) {
            program(rest);
        } else if (subcommands().containsKey(tool)) {
            program(words);
        } else if (tool.equals("java") && words.contains("-jar")) {
            jar(words.subList(words.indexOf("-jar") + 1, words.size()));
        } else if (tool.equals("./mvnw")) {
            rest.forEach(this::maven);
        } else if (tool.matches("(venv/bin/)?python3?")) {
            python(rest);
        } else if (tool.matches("(venv/bin/)?pip")) {
            rest.stream().filter(word -> word.endsWith(".txt")).forEach(this::beside);
        } else if (!OTHER_TOOLS.contains(tool)) {
            problems.add("'" + tool + "' is no command known to ShellExample");
        }
    }

    private void jar(List<String> words) {
        if (words.get(0).endsWith("adacache-bench.jar")) {
            program(words.subList(1, words.size()));
        }
    }

    /** The program: every option exists, and where no placeholder stands for a value, the whole line is read. */
    private void program(List<String> written) {
        List<String> words = written.stream()
                .map(word -> word.replaceAll("[\\[\\]]", ""))
                .filter(word -> !word.equals("..."))
                .toList();
        CommandLine command = words.isEmpty() ? PROGRAM : subcommands().getOrDefault(words.get(0), PROGRAM);
        if (command == PROGRAM && !words.isEmpty() && !isOption(words.get(0))) {
            problems.add("the program has no command '" + words.get(0) + "'");
            return;
        }
        words.stream()
                .filter(ShellExample::isOption)
                .map(word -> word.replaceAll("=.*", ""))
                .filter(word -> !names(command).contains(word))
                .forEach(word -> problems.add("'" + command.getCommandName() + "' has no option " + word));
        if (words.size() > 1
                && written.equals(words)
                && words.stream().noneMatch(word -> PLACEHOLDER.matcher(word).matches())) {
            try {
                PROGRAM.parseArgs(words.toArray(String[]::new));
            } catch (ParameterException e) {
                problems.add(String.join(" ", words) + ": " + e.getMessage());
            }
        }
    }

    private static List<String> names(CommandLine command) {
        return command.getCommandSpec().options().stream()
                .filter(ArgSpec::isOption)
                .map(OptionSpec::names)
                .flatMap(Stream::of)
                .toList();
    }

    private void maven(String word) {
        boolean known = word.matches("-[qoBeXf]|-ntp|-am|-pl|-D.+|-T.+|\\.\\./.+")
                || Files.exists(Page.ROOT.resolve("docs/examples").resolve(word.replaceAll(",.*", "")))
                || word.matches("-P.+")
                        && read(Page.ROOT.resolve("pom.xml")).contains("<id>" + word.substring(2) + "</id>")
                || PHASES.contains(word)
                || word.startsWith("adacache-") && Files.exists(Page.ROOT.resolve(word.replaceAll(",.*", "")))
                || word.startsWith("docs/") && Files.exists(Page.ROOT.resolve(word))
                || word.matches("spotless:(apply|check)");
        if (!known) {
            problems.add("./mvnw knows no " + word);
        }
    }

    private void python(List<String> words) {
        boolean module = words.get(0).equals("-m");
        String name = words.get(module ? 1 : 0);
        if (module && name.matches("unittest|venv|pip")) {
            return;
        }
        List<Path> places = PYTHON.stream()
                .map(place -> place.resolve(name))
                .filter(Files::exists)
                .toList();
        if (places.isEmpty()) {
            problems.add("there is no Python script or module " + name);
            return;
        }
        String source = sources(places.get(0));
        words.stream()
                .skip(module ? 2 : 1)
                .filter(word -> word.startsWith("--"))
                .filter(word -> !source.contains('"' + word + '"'))
                .forEach(word -> problems.add(name + " has no option " + word));
    }

    private static String sources(Path place) {
        try (Stream<Path> files = Files.walk(place)) {
            return files.filter(file -> file.toString().endsWith(".py"))
                    .map(ShellExample::read)
                    .collect(Collectors.joining());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A file beside the page or at the top exists; of several files, the name without its ending will do. */
    private void beside(String name) {
        Path place = folder.resolve(name);
        if (Stream.of(place, Page.ROOT.resolve(name)).noneMatch(file -> Files.exists(file) || isStem(file))) {
            problems.add("there is no " + name);
        }
    }

    private static boolean isStem(Path file) {
        String[] names = file.getParent().toFile().list();
        return names != null && Stream.of(names).anyMatch(name -> name.startsWith(file.getFileName() + "."));
    }

    /** A word that names a place in the repository names one that is there, unless a build makes it. */
    private void file(String word) {
        if (OF_THE_REPOSITORY.matcher(word).matches() && !word.contains("/target/") && !word.contains("...")) {
            beside(word);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
