package io.adacache.adaptive;

import io.adacache.adaptive.RateSchedule.Place;
import io.adacache.layout.Layout;
import io.adacache.layout.Layout.Granularity;
import io.adacache.layout.Part;
import io.adacache.layout.ResidualKind;
import io.adacache.layout.Site;
import io.adacache.layout.Span;
import io.adacache.metric.Measure;
import io.adacache.metric.Measure.Reference;
import io.adacache.metric.Metric;
import io.adacache.metric.Probe;
import io.adacache.policy.Decision;
import io.adacache.policy.Decision.Reason;
import io.adacache.policy.Figures;
import io.adacache.policy.PolicyRun;
import io.adacache.policy.PolicyRun.StepView;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/** One generation under AdaCache: its spans, and the schedule of each. */
final class AdaptiveRun implements PolicyRun {
    private final AdaptiveConfig config;
    private final List<Span> plan = new ArrayList<>();
    private final Map<Span, RateSchedule> schedules = new LinkedHashMap<>();

    AdaptiveRun(AdaptiveConfig config, Layout layout) {
        this.config = config;
        List<Span> cached = new ArrayList<>();
        cut(layout, plan, cached);
        if (config.ownSchedules) {
            cached.forEach(span -> schedules.put(span, ownSchedule(layout, span)));
        } else {
            List<Place> places = places(layout);
            Probe forecast = cached.size() == 1
                    ? new Probe.SpanSum(cached.get(0))
                    : places.get(places.size() - 1).distance.probe();
            RateSchedule common = new RateSchedule(config, places, forecast);
            cached.forEach(span -> schedules.put(span, common));
        }
    }

    private RateSchedule ownSchedule(Layout layout, Span span) {
        Place place =
                place(layout, IntStream.range(span.first(), span.last()).boxed().toList(), Reference.LAST_TAKEN);
        return new RateSchedule(config, List.of(place), place.distance.probe());
    }

    /** Cuts the layout into spans, and finds those that are cached. */
    private void cut(Layout layout, List<Span> spans, List<Span> cached) {
        List<Span> parts = config.ownSchedules && config.granularity == Granularity.FUSED
                ? Granularity.SITES.cut(layout)
                : config.granularity.cut(layout);
        for (Span run : layout.runsBy(config.cached)) {
            if (!config.cached.test(layout.sites().get(run.first()))) {
                spans.add(run);
                continue;
            }
            for (Span part : parts) {
                int first = Math.max(part.first(), run.first());
                int last = Math.min(part.last(), run.last());
                if (first < last) {
                    cached.add(new Span(first, last));
                    spans.add(new Span(first, last));
                }
            }
        }
    }

    private List<Place> places(Layout layout) {
        Set<ResidualKind> kinds = kinds(layout);
        boolean everything = layout.sites().stream().allMatch(config.cached);
        Reference reference = everything ? Reference.LAST_TAKEN : Reference.LAST_COMPUTED_STEP;
        List<Integer> candidates = layout.sites().stream()
                .filter(site -> kinds.contains(site.kind()))
                .map(Site::block)
                .distinct()
                .sorted()
                .toList();
        if (candidates.isEmpty()) {
            throw new IllegalArgumentException("This model has no residual of kind "
                    + kinds.stream().map(ResidualKind::id).sorted().toList()
                    + " to measure the distance on; choose another residual");
        }
        List<Integer> blocks = config.locations.stream()
                .map(location -> location.block(candidates))
                .distinct()
                .sorted()
                .toList();
        List<Place> found = new ArrayList<>();
        for (Span block : layout.transformerBlocks()) {
            List<Integer> sites = layout.sites().subList(block.first(), block.last()).stream()
                    .filter(site -> kinds.contains(site.kind()) && blocks.contains(site.block()))
                    .map(Site::index)
                    .toList();
            if (!sites.isEmpty()) {
                Place place = place(layout, sites, reference);
                place.firstFactor = config.arithmetic.firstFactor(found.size());
                found.add(place);
            }
        }
        return found;
    }

    private Place place(Layout layout, List<Integer> sites, Reference reference) {
        Metric norm = config.metric == Metric.COSINE ? Metric.L1 : config.metric;
        Probe probe = new Probe.Residuals(sites);
        MotionRegularization motion = config.motion;
        return new Place(
                layout.sites().get(sites.get(0)).block(),
                sites.get(0),
                new Measure.Distance(probe, config.metric, reference),
                motion == null ? null : new Measure.Motion(probe, norm, motion.strides()));
    }

    /** The kinds to measure; a model without the chosen self-attention is measured at the one it has. */
    private Set<ResidualKind> kinds(Layout layout) {
        if (config.residuals.stream().anyMatch(layout::has)
                || config.residuals.stream().noneMatch(ResidualKind::isSelfAttention)) {
            return config.residuals;
        }
        return layout.sites().stream()
                .map(Site::kind)
                .filter(ResidualKind::isSelfAttention)
                .reduce((before, kind) -> kind)
                .map(Set::of)
                .orElse(config.residuals);
    }

    private Set<RateSchedule> distinct() {
        return new LinkedHashSet<>(schedules.values());
    }

    @Override
    public List<Measure> measures() {
        return distinct().stream()
                .flatMap(schedule -> schedule.measures().stream())
                .toList();
    }

    @Override
    public int history() {
        return config.forecast.history();
    }

    @Override
    public List<String> warnings() {
        return config.warnings;
    }

    @Override
    public List<Span> plan(StepView step) {
        return plan;
    }

    @Override
    public Decision decide(Part part, StepView step) {
        RateSchedule schedule = schedules.get(part);
        return schedule == null ? Decision.computeOnly(Reason.ALWAYS) : schedule.decide(step.step());
    }

    @Override
    public List<Figures> completed(StepView step) {
        List<Figures> all = new ArrayList<>();
        distinct().forEach(schedule -> all.addAll(schedule.completed(step)));
        return all;
    }
}
