package io.adacache.replay;

import io.adacache.layout.Span;
import io.adacache.metric.Metric;
import io.adacache.metric.Probe;
import io.adacache.metric.Sums;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Recorded numbers: between all pairs of steps. Immutable. */
public final class Recorded implements Numbers {
    /** What a distance was taken of, and between which steps. */
    public record Pair(Probe probe, Metric metric, String branch, int now, int then) {}

    /** What a motion score was taken of, and when. */
    public record Moment(Probe probe, Metric norm, int stride, String branch, int step) {}

    private final Map<Pair, Sums> distances;
    private final Map<Moment, Sums> motions;

    /** Copies the numbers. */
    public Recorded(Map<Pair, Sums> distances, Map<Moment, Sums> motions) {
        this.distances = Collections.unmodifiableMap(new LinkedHashMap<>(distances));
        this.motions = Collections.unmodifiableMap(new LinkedHashMap<>(motions));
    }

    /** Returns all distances, in the order in which they were recorded. */
    public Map<Pair, Sums> distances() {
        return distances;
    }

    /** Returns all motion scores. */
    public Map<Moment, Sums> motions() {
        return motions;
    }

    /** The residual of one site, and the sum of a span of that site alone, are one tensor under two names. */
    static Optional<Probe> sameTensor(Probe probe) {
        if (probe instanceof Probe.Residuals residuals && residuals.sites().size() == 1) {
            int site = residuals.sites().get(0);
            return Optional.of(new Probe.SpanSum(new Span(site, site + 1)));
        }
        if (probe instanceof Probe.SpanSum sum && sum.span().size() == 1) {
            return Optional.of(new Probe.Residuals(List.of(sum.span().first())));
        }
        return Optional.empty();
    }

    private @Nullable Sums find(Probe probe, Metric metric, String branch, int now, int then) {
        Sums sums = distances.get(new Pair(probe, metric, branch, now, then));
        return sums != null
                ? sums
                : sameTensor(probe)
                        .map(other -> distances.get(new Pair(other, metric, branch, now, then)))
                        .orElse(null);
    }

    @Override
    public Sums distance(Probe probe, Metric metric, String branch, int now, int then) {
        Sums sums = find(probe, metric, branch, now, then);
        if (sums == null) {
            throw missing(
                    "the " + metric.id() + " distance of " + probe.id() + " between the steps " + now + " and " + then);
        }
        return sums;
    }

    /** Returns the sums of a distance, merged over all branches that were called in both steps. */
    public Sums merged(Probe probe, Metric metric, List<String> branches, int now, int then) {
        List<Sums> all = branches.stream()
                .map(branch -> find(probe, metric, branch, now, then))
                .filter(Objects::nonNull)
                .toList();
        if (all.isEmpty()) {
            throw missing(
                    "the " + metric.id() + " distance of " + probe.id() + " between the steps " + now + " and " + then);
        }
        return Sums.merge(all);
    }

    @Override
    public Sums motion(Probe probe, Metric norm, int stride, String branch, int step) {
        return Stream.concat(Stream.of(probe), sameTensor(probe).stream())
                .map(each -> motions.get(new Moment(each, norm, stride, branch, step)))
                .filter(Objects::nonNull)
                .findFirst()
                .orElseThrow(() -> missing(
                        "the " + norm.id() + " motion of " + probe.id() + " at stride " + stride + " in step " + step));
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
}
