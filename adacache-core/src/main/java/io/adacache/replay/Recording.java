package io.adacache.replay;

import io.adacache.layout.Layout;
import io.adacache.metric.Measure;
import io.adacache.metric.Metric;
import io.adacache.metric.Probe;
import io.adacache.metric.Sums;
import io.adacache.policy.Generation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The numbers of one uncached generation: how far each probe was, in each step, from what it was in every earlier step. Any policy
 * can be replayed on it that measures what was recorded. Made by a {@link Recorder}. Immutable.
 */
public final class Recording implements Measurements {
    /** What a distance was taken of, and between which steps. */
    record Pair(Probe probe, Metric metric, String branch, int now, int then) {}

    /** What a motion score was taken of, and when. */
    record Moment(Probe probe, Metric norm, int stride, String branch, int step) {}

    private final Layout layout;
    private final Generation generation;
    private final Map<Pair, Sums> distances;
    private final Map<Moment, Sums> motions;

    Recording(Layout layout, Generation generation, Map<Pair, Sums> distances, Map<Moment, Sums> motions) {
        this.layout = layout;
        this.generation = generation;
        this.distances = Collections.unmodifiableMap(new LinkedHashMap<>(distances));
        this.motions = Collections.unmodifiableMap(new LinkedHashMap<>(motions));
    }

    /** Returns the model's layout. */
    public Layout layout() {
        return layout;
    }

    /** Returns what was announced of the generation. */
    public Generation generation() {
        return generation;
    }

    Map<Pair, Sums> distances() {
        return distances;
    }

    Map<Moment, Sums> motions() {
        return motions;
    }

    @Override
    public Sums distance(Measure.Distance measure, String branch, int now, int then) {
        Sums sums = distances.get(new Pair(measure.probe(), measure.metric(), branch, now, then));
        if (sums == null) {
            throw missing("the " + measure.metric().id() + " distance of "
                    + measure.probe().id() + " between the steps " + now + " and " + then);
        }
        return sums;
    }

    /** Returns the sums of a distance, merged over all branches that were called in both steps. */
    public Sums distance(Probe probe, Metric metric, int now, int then) {
        List<Sums> all = generation.branches().stream()
                .map(branch -> distances.get(new Pair(probe, metric, branch, now, then)))
                .filter(sums -> sums != null)
                .toList();
        if (all.isEmpty()) {
            throw missing(
                    "the " + metric.id() + " distance of " + probe.id() + " between the steps " + now + " and " + then);
        }
        return Sums.merge(all);
    }

    @Override
    public List<Sums> motion(Measure.Motion measure, String branch, int step) {
        return measure.strides().stream()
                .map(stride -> {
                    Sums sums = motions.get(new Moment(measure.probe(), measure.norm(), stride, branch, step));
                    if (sums == null) {
                        throw missing("the " + measure.norm().id() + " motion of "
                                + measure.probe().id() + " at stride " + stride + " in step " + step);
                    }
                    return sums;
                })
                .toList();
    }

    private IllegalArgumentException missing(String what) {
        Set<String> have = new LinkedHashSet<>();
        distances
                .keySet()
                .forEach(
                        pair -> have.add(pair.probe().id() + " " + pair.metric().id()));
        motions.keySet()
                .forEach(moment -> have.add(
                        "motion of " + moment.probe().id() + " " + moment.norm().id() + " stride " + moment.stride()));
        return new IllegalArgumentException("This recording lacks " + what + "; it has " + have
                + ". Record again, naming the policies that are to be replayed");
    }

    /** Returns this recording as text, in lines that {@link #ofLines} reads: a head, the generation, the sites, then the sums. */
    public List<String> lines() {
        return RecordingFormat.lines(this);
    }

    /**
     * Reads what {@link #lines} returned.
     *
     * @param name of where the lines come from, for messages
     * @throws IllegalArgumentException if this is no recording; the message names the line
     */
    public static Recording ofLines(String name, List<String> lines) {
        return RecordingFormat.parse(name, lines);
    }

    /**
     * Writes this recording as text, one number triple per line.
     *
     * @throws UncheckedIOException if the file cannot be written
     */
    public void save(Path file) {
        try {
            Files.write(file, RecordingFormat.lines(this));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Reads what {@link #save} wrote.
     *
     * @throws IllegalArgumentException if the file is no recording; the message names the line
     * @throws UncheckedIOException if the file cannot be read
     */
    public static Recording load(Path file) {
        try {
            return RecordingFormat.parse(file.toString(), Files.readAllLines(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
