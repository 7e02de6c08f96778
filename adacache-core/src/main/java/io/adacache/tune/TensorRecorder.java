package io.adacache.tune;

import io.adacache.layout.Layout;
import io.adacache.layout.Span;
import io.adacache.layout.TokenGrid;
import io.adacache.metric.Measure;
import io.adacache.metric.Measure.Reference;
import io.adacache.metric.Metric;
import io.adacache.metric.Probe;
import io.adacache.metric.Sums;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Generation;
import io.adacache.replay.Recorded;
import io.adacache.replay.Recorded.Moment;
import io.adacache.replay.Recorded.Pair;
import io.adacache.spi.TensorOps;
import io.adacache.spi.Transformer;
import io.adacache.spi.Transformer.Embedded;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Records on tensors: holds one copy of each probe per step and branch, until closed.
 *
 * @param <T> the engine's tensor type
 */
final class TensorRecorder<T> implements Recording.Recorder<T> {
    private final Transformer<T> transformer;
    private final TensorOps<T> ops;
    private final Generation generation;
    private final Map<Probe, Set<Metric>> metrics = new LinkedHashMap<>();
    private final Map<Probe, Set<Measure.Motion>> motions = new LinkedHashMap<>();
    private final int[] captured;
    private final List<Span> segments;
    private final Map<String, Map<Probe, List<T>>> history = new HashMap<>();
    private final Map<Pair, Sums> distances = new LinkedHashMap<>();
    private final Map<Moment, Sums> scores = new LinkedHashMap<>();

    private TensorRecorder(Transformer<T> transformer, Generation generation, Stream<Measure> measures) {
        this.transformer = transformer;
        this.ops = transformer.ops();
        this.generation = generation;
        measures.forEach(this::want);
        generation.branches().forEach(branch -> history.put(branch, new HashMap<>()));
        this.captured = metrics.keySet().stream()
                .filter(Probe.Residuals.class::isInstance)
                .flatMapToInt(
                        probe -> ((Probe.Residuals) probe).sites().stream().mapToInt(Integer::intValue))
                .distinct()
                .sorted()
                .toArray();
        this.segments = transformer.layout().isOpaque() ? List.of() : segments(transformer.layout());
    }

    static <T> TensorRecorder<T> begin(Transformer<T> transformer, Generation generation, List<CachePolicy> policies) {
        Layout layout = transformer.layout();
        Stream<Measure> always = Stream.of(Metric.L1, Metric.L2)
                .flatMap(metric -> layout.isOpaque()
                        ? Stream.of(new Probe.Prediction())
                                .map(probe -> new Measure.Distance(probe, metric, Reference.LAST_TAKEN))
                        : Stream.of(new Probe.Prediction(), new Probe.SpanSum(layout.stack()))
                                .map(probe -> new Measure.Distance(probe, metric, Reference.LAST_TAKEN)));
        policies.forEach(policy -> policy.check(layout, generation, transformer.remedyForSites()));
        Stream<Measure> asked =
                policies.stream().flatMap(policy -> policy.begin(layout, generation).measures().stream());
        return new TensorRecorder<>(transformer, generation, Stream.concat(always, asked));
    }

    private void want(Measure measure) {
        checkThere(measure.probe(), transformer.layout().sites().size());
        metrics.computeIfAbsent(measure.probe(), key -> new LinkedHashSet<>());
        if (measure instanceof Measure.Distance distance) {
            metrics.get(measure.probe()).add(distance.metric());
        } else if (measure instanceof Measure.Motion motion) {
            motions.computeIfAbsent(measure.probe(), key -> new LinkedHashSet<>())
                    .add(motion);
        }
    }

    private static void checkThere(Probe probe, int sites) {
        int last = probe instanceof Probe.Residuals residuals
                ? residuals.sites().get(residuals.sites().size() - 1)
                : probe instanceof Probe.SpanSum sum
                        ? sum.span().last() - 1
                        : probe instanceof Probe.Modulated modulated ? modulated.site() : -1;
        if (last >= sites) {
            throw new IllegalArgumentException("The probe " + probe.id() + " names site " + last
                    + ", but the model has " + sites + " sites, counted from 0");
        }
    }

    /** Cuts the stack wherever a probe needs the hidden state. */
    private List<Span> segments(Layout layout) {
        TreeSet<Integer> cuts = new TreeSet<>(Set.of(0, layout.sites().size()));
        for (Probe probe : metrics.keySet()) {
            if (probe instanceof Probe.SpanSum sum) {
                cuts.add(sum.span().first());
                cuts.add(sum.span().last());
            } else if (probe instanceof Probe.Modulated modulated) {
                cuts.add(modulated.site());
            }
        }
        List<Span> spans = new ArrayList<>();
        for (int first : cuts.headSet(cuts.last())) {
            Integer last = cuts.higher(first);
            spans.add(new Span(first, last == null ? cuts.last() : last));
        }
        return spans;
    }

    @Override
    public T step(List<T> inputs) {
        return step(generation.branches().get(0), inputs);
    }

    @Override
    public T step(String branch, List<T> inputs) {
        Map<Probe, List<T>> before = history.get(branch);
        if (before == null) {
            throw new IllegalArgumentException(
                    "Unknown branch '" + branch + "'; announced are " + generation.branches());
        }
        int step = before.values().stream().mapToInt(List::size).max().orElse(0) + 1;
        if (step > generation.steps()) {
            throw new IllegalStateException(
                    "All " + generation.steps() + " announced steps of branch '" + branch + "' are recorded already");
        }
        TokenGrid grid = transformer.check(inputs);
        Map<Probe, T> now = new LinkedHashMap<>();
        boolean done = false;
        try {
            if (metrics.containsKey(new Probe.Latent())) {
                now.put(new Probe.Latent(), ops.copy(transformer.latent(inputs)));
            }
            T prediction = segments.isEmpty() ? transformer.forward(inputs) : run(inputs, now);
            boolean kept = false;
            try {
                now.put(new Probe.Prediction(), ops.copy(prediction));
                if (metrics.containsKey(new Probe.Change())) {
                    now.put(new Probe.Change(), ops.addLeading(prediction, -1, transformer.latent(inputs)));
                }
                measure(step, branch, grid, now, before);
                kept = true;
            } finally {
                if (!kept) {
                    ops.release(prediction);
                }
            }
            done = true;
            now.forEach((probe, tensor) ->
                    before.computeIfAbsent(probe, key -> new ArrayList<>()).add(tensor));
            return transformer.handOver(prediction, inputs);
        } finally {
            if (!done) {
                now.values().forEach(ops::release);
            }
        }
    }

    private T run(List<T> inputs, Map<Probe, T> now) {
        Map<Integer, T> hidden = new HashMap<>();
        Map<Integer, T> residuals = new HashMap<>();
        try (Embedded<T> context = transformer.embed(inputs)) {
            try {
                T state = context.hidden();
                hidden.put(0, state);
                for (Span segment : segments) {
                    Probe input = new Probe.Modulated(segment.first());
                    if (metrics.containsKey(input)) {
                        now.put(input, transformer.modulated(segment.first(), state, context));
                    }
                    int[] sites =
                            Arrays.stream(captured).filter(segment::contains).toArray();
                    List<T> ran = transformer.run(segment, sites, state, context);
                    state = ran.get(0);
                    hidden.put(segment.last(), state);
                    for (int i = 0; i < sites.length; i++) {
                        residuals.put(sites[i], ran.get(i + 1));
                    }
                }
                for (Probe probe : metrics.keySet()) {
                    if (probe instanceof Probe.SpanSum sum) {
                        now.put(
                                probe,
                                ops.subtract(
                                        Objects.requireNonNull(
                                                hidden.get(sum.span().last())),
                                        Objects.requireNonNull(
                                                hidden.get(sum.span().first()))));
                    } else if (probe instanceof Probe.Residuals wanted) {
                        now.put(
                                probe,
                                ops.sum(wanted.sites().stream()
                                        .sorted()
                                        .map(residuals::get)
                                        .toList()));
                    }
                }
                return transformer.head(state, context);
            } finally {
                hidden.values().forEach(ops::release);
                residuals.values().forEach(ops::release);
            }
        }
    }

    private void measure(int step, String branch, TokenGrid grid, Map<Probe, T> now, Map<Probe, List<T>> before) {
        now.forEach((probe, tensor) -> {
            List<T> earlier = before.getOrDefault(probe, List.of());
            for (Metric metric : metrics.getOrDefault(probe, Set.of())) {
                for (int then = 1; then <= earlier.size(); then++) {
                    distances.put(
                            new Pair(probe, metric, branch, step, then),
                            ops.distance(metric, tensor, earlier.get(then - 1)));
                }
            }
            for (Measure.Motion motion : motions.getOrDefault(probe, Set.of())) {
                for (int stride : motion.strides()) {
                    scores.put(
                            new Moment(probe, motion.norm(), stride, branch, step),
                            ops.motion(motion.norm(), tensor, grid, stride));
                }
            }
        });
    }

    @Override
    public Recording recording() {
        return Recording.of(transformer.layout(), generation, new Recorded(distances, scores));
    }

    @Override
    public void close() {
        history.values().forEach(byProbe -> {
            byProbe.values().forEach(tensors -> tensors.forEach(ops::release));
            byProbe.clear();
        });
    }
}
