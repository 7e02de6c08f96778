package io.adacache.tune;

import io.adacache.layout.Layout;
import io.adacache.layout.ResidualKind;
import io.adacache.layout.Site;
import io.adacache.metric.Metric;
import io.adacache.metric.Probe;
import io.adacache.metric.Sums;
import io.adacache.policy.Generation;
import io.adacache.replay.Recorded;
import io.adacache.replay.Recorded.Moment;
import io.adacache.replay.Recorded.Pair;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * The text of a {@link Recording}, a line each:
 *
 * <pre>
 * adacache-recording 1
 * steps N
 * branch NAME
 * timesteps T T ...
 * site BLOCK KIND
 * distance PROBE METRIC BRANCH NOW THEN a,b,c [a,b,c per further batch row]
 * motion PROBE METRIC STRIDE BRANCH STEP a,b,c ...
 * </pre>
 */
final class RecordingFormat {
    private static final String HEAD = "adacache-recording 1";

    private RecordingFormat() {}

    static List<String> lines(Recording recording, Recorded numbers) {
        List<String> lines = new ArrayList<>();
        Generation generation = recording.generation();
        lines.add(HEAD);
        lines.add("steps " + generation.steps());
        generation.branches().forEach(branch -> lines.add("branch " + branch));
        lines.add(generation.timesteps().stream()
                .map(String::valueOf)
                .collect(Collectors.joining(" ", "timesteps ", "")));
        recording
                .layout()
                .sites()
                .forEach(site ->
                        lines.add("site " + site.block() + " " + site.kind().id()));
        numbers.distances()
                .forEach((pair, sums) -> lines.add(String.join(
                        " ",
                        "distance",
                        pair.probe().id(),
                        pair.metric().id(),
                        word(pair.branch()),
                        Integer.toString(pair.now()),
                        Integer.toString(pair.then()),
                        text(sums))));
        numbers.motions()
                .forEach((moment, sums) -> lines.add(String.join(
                        " ",
                        "motion",
                        moment.probe().id(),
                        moment.norm().id(),
                        Integer.toString(moment.stride()),
                        word(moment.branch()),
                        Integer.toString(moment.step()),
                        text(sums))));
        return lines;
    }

    private static String word(String branch) {
        if (branch.isEmpty() || branch.chars().anyMatch(Character::isWhitespace)) {
            throw new IllegalArgumentException(
                    "A branch with white space in its name cannot be saved: '" + branch + "'");
        }
        return branch;
    }

    private static String text(Sums sums) {
        return IntStream.range(0, sums.rows())
                .mapToObj(row -> DoubleStream.of(sums.row(row).total())
                        .mapToObj(Double::toString)
                        .collect(Collectors.joining(",")))
                .collect(Collectors.joining(" "));
    }

    static Recording parse(String file, List<String> lines) {
        if (lines.isEmpty() || !lines.get(0).equals(HEAD)) {
            throw new IllegalArgumentException(
                    file + " is no recording that this version can read: it should begin with '" + HEAD + "'");
        }
        Reader reader = new Reader();
        for (int i = 1; i < lines.size(); i++) {
            try {
                reader.read(lines.get(i).split(" "));
            } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
                throw new IllegalArgumentException(
                        file + ", line " + (i + 1) + ": '" + lines.get(i) + "' is no line of a recording", e);
            }
        }
        return reader.recording();
    }

    private static final class Reader {
        private int steps;
        private final List<String> branches = new ArrayList<>();
        private List<Double> timesteps = List.of();
        private final List<Site> sites = new ArrayList<>();
        private final Map<Pair, Sums> distances = new LinkedHashMap<>();
        private final Map<Moment, Sums> motions = new LinkedHashMap<>();

        void read(String[] words) {
            switch (words[0]) {
                case "steps" -> steps = Integer.parseInt(words[1]);
                case "branch" -> branches.add(words[1]);
                case "timesteps" ->
                    timesteps =
                            Arrays.stream(words).skip(1).map(Double::valueOf).toList();
                case "site" -> sites.add(new Site(sites.size(), Integer.parseInt(words[1]), ResidualKind.of(words[2])));
                case "distance" ->
                    distances.put(
                            new Pair(
                                    Probe.of(words[1]),
                                    Metric.of(words[2]),
                                    words[3],
                                    Integer.parseInt(words[4]),
                                    Integer.parseInt(words[5])),
                            sums(words));
                case "motion" ->
                    motions.put(
                            new Moment(
                                    Probe.of(words[1]),
                                    Metric.of(words[2]),
                                    Integer.parseInt(words[3]),
                                    words[4],
                                    Integer.parseInt(words[5])),
                            sums(words));
                default -> throw new IllegalArgumentException();
            }
        }

        private static Sums sums(String[] words) {
            return Sums.of(Arrays.stream(words)
                    .skip(6)
                    .map(row -> Arrays.stream(row.split(","))
                            .mapToDouble(Double::parseDouble)
                            .toArray())
                    .toArray(double[][]::new));
        }

        Recording recording() {
            Layout layout = sites.isEmpty() ? Layout.opaque() : Layout.of(sites);
            return Recording.of(layout, new Generation(steps, branches, timesteps), new Recorded(distances, motions));
        }
    }
}
