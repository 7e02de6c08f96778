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
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * The one format of a {@link Recording}: JSON. What was generated, then a series per probe, metric and branch with an entry per pair of
 * steps. An entry holds the partial sums per batch row, and the distance that follows from them, for people and other programs; it
 * is not read.
 *
 * <pre>
 * {"format": "adacache-recording", "version": 1, "about": {"model": "..."},
 *  "steps": 30, "branches": ["single"], "timesteps": [1000, ...], "gains": [0.03, ...], "sites": [{"block": 0, "kind": "mlp"}, ...],
 *  "distances": [{"probe": "latent", "metric": "l1", "branch": "single",
 *      "entries": [{"now": 2, "then": 1, "distance": 0.1, "sums": [[...], ...]}, ...]}, ...],
 *  "motions": [{"probe": "latent", "metric": "l1", "branch": "single",
 *      "entries": [{"stride": 1, "step": 1, "motion": 0.1, "sums": [[...], ...]}, ...]}, ...]}
 * </pre>
 */
final class RecordingFormat {
    private static final String FORMAT = "adacache-recording";
    private static final int VERSION = 1;

    private RecordingFormat() {}

    static String write(Recording recording, Recorded numbers) {
        Generation generation = recording.generation();
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("format", FORMAT);
        root.put("version", VERSION);
        root.put("about", recording.about());
        root.put("steps", generation.steps());
        root.put("branches", generation.branches());
        root.put("timesteps", generation.timesteps());
        root.put("gains", generation.gains());
        root.put(
                "sites",
                recording.layout().sites().stream()
                        .map(site -> Map.of(
                                "block", site.block(), "kind", site.kind().id()))
                        .toList());
        root.put("distances", distances(numbers));
        root.put("motions", motions(numbers));
        return Json.write(root);
    }

    private static List<Object> distances(Recorded numbers) {
        Series series = new Series();
        numbers.distances().forEach((pair, sums) -> {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("now", pair.now());
            entry.put("then", pair.then());
            entry.put("distance", pair.metric().distance(sums));
            entry.put("sums", rows(sums));
            series.add(pair.probe(), pair.metric(), pair.branch(), entry);
        });
        return series.all();
    }

    private static List<Object> motions(Recorded numbers) {
        Series series = new Series();
        numbers.motions().forEach((moment, sums) -> {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("stride", moment.stride());
            entry.put("step", moment.step());
            entry.put("motion", moment.norm().motion(sums));
            entry.put("sums", rows(sums));
            series.add(moment.probe(), moment.norm(), moment.branch(), entry);
        });
        return series.all();
    }

    private static List<List<Double>> rows(Sums sums) {
        return IntStream.range(0, sums.rows())
                .mapToObj(row -> DoubleStream.of(sums.row(row).total()).boxed().toList())
                .toList();
    }

    /** Entries by what they are of, in the order of their first entry. */
    private static final class Series {
        private final Map<List<String>, List<Object>> entries = new LinkedHashMap<>();

        void add(Probe probe, Metric metric, String branch, Map<String, Object> entry) {
            entries.computeIfAbsent(List.of(probe.id(), metric.id(), branch), key -> new ArrayList<>())
                    .add(entry);
        }

        List<Object> all() {
            List<Object> all = new ArrayList<>();
            entries.forEach((of, each) -> {
                Map<String, Object> series = new LinkedHashMap<>();
                series.put("probe", of.get(0));
                series.put("metric", of.get(1));
                series.put("branch", of.get(2));
                series.put("entries", each);
                all.add(series);
            });
            return all;
        }
    }

    /**
     * Reads what {@link #write} returned.
     *
     * @param name of where the text comes from, for messages
     * @throws IllegalArgumentException if this is no recording; the message says why
     */
    static Recording parse(String name, String text) {
        try {
            JsonObject root = JsonObject.parse(text);
            if (!root.has("format") || !root.text("format").equals(FORMAT) || root.whole("version") != VERSION) {
                throw new IllegalArgumentException("does not begin as a recording that this version can read");
            }
            return read(root);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(name + " is no recording: it " + e.getMessage(), e);
        }
    }

    private static Recording read(JsonObject root) {
        Generation generation = new Generation(
                root.whole("steps"),
                root.texts("branches"),
                root.numbers("timesteps"),
                root.has("gains") ? root.numbers("gains") : List.of());
        List<Site> sites = new ArrayList<>();
        for (JsonObject site : root.objects("sites")) {
            sites.add(new Site(sites.size(), site.whole("block"), ResidualKind.of(site.text("kind"))));
        }
        Map<Pair, Sums> distances = new LinkedHashMap<>();
        for (JsonObject series : root.objects("distances")) {
            for (JsonObject entry : series.objects("entries")) {
                distances.put(pair(series, entry, generation), sums(entry));
            }
        }
        Map<Moment, Sums> motions = new LinkedHashMap<>();
        for (JsonObject series : root.objects("motions")) {
            for (JsonObject entry : series.objects("entries")) {
                motions.put(moment(series, entry, generation), sums(entry));
            }
        }
        Layout layout = sites.isEmpty() ? Layout.opaque() : Layout.of(sites);
        return Recording.of(layout, generation, new Recorded(distances, motions))
                .withAbout(root.object("about").texts());
    }

    private static Pair pair(JsonObject series, JsonObject entry, Generation generation) {
        int now = step(entry, "now", generation.steps());
        return new Pair(
                Probe.of(series.text("probe")),
                Metric.of(series.text("metric")),
                branch(series, generation),
                now,
                step(entry, "then", now - 1));
    }

    private static Moment moment(JsonObject series, JsonObject entry, Generation generation) {
        return new Moment(
                Probe.of(series.text("probe")),
                Metric.of(series.text("metric")),
                entry.whole("stride"),
                branch(series, generation),
                step(entry, "step", generation.steps()));
    }

    private static String branch(JsonObject series, Generation generation) {
        String branch = series.text("branch");
        if (!generation.branches().contains(branch)) {
            throw new IllegalArgumentException("has numbers of a branch '" + branch + "' that was not announced");
        }
        return branch;
    }

    private static int step(JsonObject entry, String name, int last) {
        int step = entry.whole(name);
        if (step < 1 || step > last) {
            throw new IllegalArgumentException("has numbers of a step " + step + " where 1 to " + last + " can be");
        }
        return step;
    }

    private static Sums sums(JsonObject entry) {
        double[][] rows = entry.rows("sums");
        if (rows.length == 0 || Arrays.stream(rows).anyMatch(row -> row.length != rows[0].length)) {
            throw new IllegalArgumentException("has sums that are no rows of equal length");
        }
        return Sums.of(rows);
    }
}
