package io.adacache.bench.command;

import io.adacache.bench.pipeline.TrainedModel;
import io.adacache.bench.protocol.Method;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Who takes part in a protocol, on what. */
final class ProtocolOptions {
    @Option(
            names = "--methods",
            paramLabel = "NAME[,NAME...]",
            split = ",",
            description = "of the listed methods (default: all that go with the model)")
    private List<String> names = new ArrayList<>();

    @Option(
            names = "--method",
            paramLabel = "'NAME | LOW..HIGH | TRIAL / TRIAL'",
            description =
                    "a method of yours; repeatable. {x} stands for the number that is searched, {i} for a whole one;"
                            + " ' | repeats' or ' | forecasts' at the end makes it a rival")
    private List<String> lines = new ArrayList<>();

    @Option(
            names = "--against",
            paramLabel = "NAME",
            description = "the method that all others are held against (default: the first)")
    private @Nullable String against;

    @Option(
            names = "--speeds",
            paramLabel = "S[,S...]",
            split = ",",
            defaultValue = "1.25,1.6,2,2.6,3.5,5",
            description = "for which settings are searched, steps over computed steps (default: ${DEFAULT-VALUE})")
    private List<Double> speeds = new ArrayList<>();

    @Option(
            names = "--finalists",
            paramLabel = "N",
            defaultValue = "3",
            description =
                    "how many rivals without forecast and how many with one are tested per speed, the best on the tuning"
                            + " prompts; 0 for all (default: ${DEFAULT-VALUE})")
    private int finalists;

    @Option(
            names = "--tuning-clips",
            paramLabel = "N",
            defaultValue = "4",
            description = "how many of the tuning prompts are used (default: ${DEFAULT-VALUE})")
    private int tuningClips;

    @Option(names = "--test-clips", paramLabel = "N", description = "how many of the test prompts (default: all)")
    private @Nullable Integer testClips;

    @Option(names = "--tuning-prompts", paramLabel = "FILE", description = "other tuning prompts")
    private @Nullable Path tuningFile;

    @Option(names = "--test-prompts", paramLabel = "FILE", description = "other test prompts")
    private @Nullable Path testFile;

    @Option(names = "--seeds", paramLabel = "N", defaultValue = "3", description = "per test prompt (default: 3)")
    private int seeds;

    @Option(
            names = "--repeat",
            paramLabel = "N",
            defaultValue = "1",
            description = "run every test N times in turn, the fastest counts; for busy machines (default: 1)")
    private int repeats;

    void check() {
        Ranges.check("--tuning-clips", tuningClips, Ranges.COUNT);
        Ranges.check("--seeds", seeds, Ranges.COUNT);
        if (finalists < 0) {
            throw new IllegalArgumentException("--finalists is 0 (all) or more, but got " + finalists);
        }
        Ranges.check("--repeat", repeats, Ranges.COUNT);
        if (testClips != null) {
            Ranges.check("--test-clips", testClips, Ranges.COUNT);
        }
        if (speeds.isEmpty() || speeds.stream().anyMatch(speed -> !(speed >= 1) || speed.isInfinite())) {
            throw new IllegalArgumentException("--speeds are numbers of 1 or more, but got " + speeds);
        }
    }

    int finalists() {
        return finalists;
    }

    int seeds() {
        return seeds;
    }

    int repeats() {
        return repeats;
    }

    List<Double> speeds() {
        return speeds;
    }

    /** Returns the methods asked for; a listed one that the program does not know is left out later, and said. */
    List<Method> methods() {
        List<Method> own = lines.stream().map(Method::parse).toList();
        List<Method> listed = Method.listed();
        Set<String> known = new HashSet<>(listed.stream().map(Method::name).toList());
        for (String name : names) {
            if (!known.contains(name)) {
                throw new IllegalArgumentException("There is no method '" + name + "'; listed are "
                        + listed.stream().map(Method::name).toList());
            }
        }
        List<Method> methods = new ArrayList<>(own);
        boolean all = names.isEmpty() && own.isEmpty();
        listed.stream().filter(method -> all || names.contains(method.name())).forEach(methods::add);
        Set<String> once = new HashSet<>();
        for (Method method : methods) {
            if (!once.add(method.name())) {
                throw new IllegalArgumentException("Two methods are called '" + method.name() + "'");
            }
        }
        return methods;
    }

    /** Throws if the method that all are to be held against does not take part: better now than after hours. */
    void checkAgainst(List<Method> methods) {
        against(methods.stream()
                .filter(method -> method.kind() != Method.Kind.PART)
                .map(Method::name)
                .toList());
    }

    /** Returns the method that all are held against. */
    String against(List<String> tested) {
        if (tested.isEmpty()) {
            throw new IllegalArgumentException(
                    "Parts of a method are tried, not tested; name a method that is tested with --methods or --method");
        }
        if (against != null && !tested.contains(against)) {
            throw new IllegalArgumentException("--against " + against + " is none of the methods tested: " + tested);
        }
        return against != null ? against : tested.get(0);
    }

    List<String> tuningPrompts(TrainedModel model) {
        List<String> all = tuningFile == null ? model.tuningPrompts() : PromptLists.read(tuningFile);
        return first("--tuning-clips", tuningClips, all);
    }

    List<String> testPrompts(TrainedModel model) {
        List<String> all = testFile == null ? model.testPrompts() : PromptLists.read(testFile);
        return testClips == null ? all : first("--test-clips", testClips, all);
    }

    private static List<String> first(String option, int count, List<String> all) {
        if (count > all.size()) {
            throw new IllegalArgumentException(
                    option + " " + count + ", but there are only " + all.size() + " prompts");
        }
        return all.subList(0, count);
    }
}
