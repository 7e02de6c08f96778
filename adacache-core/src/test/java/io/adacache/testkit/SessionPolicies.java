package io.adacache.testkit;

import io.adacache.AdaCache;
import io.adacache.layout.Layout;
import io.adacache.layout.Layout.Granularity;
import io.adacache.layout.Part;
import io.adacache.layout.ResidualKind;
import io.adacache.layout.Span;
import io.adacache.metric.Measure;
import io.adacache.metric.Measure.Reference;
import io.adacache.metric.Metric;
import io.adacache.metric.Probe;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Codebook;
import io.adacache.policy.Decision;
import io.adacache.policy.Decision.Reason;
import io.adacache.rivals.Schedules;
import java.util.ArrayList;
import java.util.List;

/** Policies that sessions on a model of some layout are tried with. */
record SessionPolicies(Layout layout) {
    /** Returns policies that between them use every way of keeping and reusing. */
    List<CachePolicy> all() {
        List<CachePolicy> policies = new ArrayList<>(List.of(
                Schedules.none(),
                Schedules.every(1),
                Schedules.every(2),
                Schedules.even(3),
                wholeCalls(Part.Call.PREDICTION),
                wholeCalls(Part.Call.CHANGE),
                forecast(wholeCalls(Part.Call.CHANGE))));
        if (!layout.isOpaque()) {
            AdaCache everyThird =
                    AdaCache.builder().codebook(Codebook.parse("1:3")).build();
            for (Granularity granularity : Granularity.values()) {
                policies.add(everyThird.toBuilder().granularity(granularity).build());
            }
            policies.add(everyThird.withMotionRegularization());
            policies.add(everyThird.toBuilder()
                    .only(site -> site.kind() != ResidualKind.MLP)
                    .build());
            policies.add(forecast(everySecond(layout.perSite())));
            policies.add(everySecond(halves()).measuring(everyProbe()));
            policies.add(movingSpans());
        }
        return policies;
    }

    private static boolean computes(int step) {
        return step % 2 == 1;
    }

    private static Decision everySecond(int step) {
        return computes(step) ? Decision.compute(Reason.SCHEDULE) : Decision.reuse(Reason.SCHEDULE);
    }

    static ScriptedPolicy wholeCalls(Part.Call kept) {
        return ScriptedPolicy.wholeCalls(kept, SessionPolicies::everySecond);
    }

    static ScriptedPolicy everySecond(List<Span> spans) {
        return ScriptedPolicy.spans(spans, (span, step) -> everySecond(step));
    }

    /** The same policy, with two kept sums and a linear forecast as soon as there are two. */
    static ScriptedPolicy forecast(ScriptedPolicy policy) {
        Decision.Reuse linear = new Decision.Reuse(Reason.SCHEDULE, new double[] {2, -1});
        return new ScriptedPolicy(
                policy.name() + ", forecast",
                2,
                policy.measures(),
                policy.plan(),
                (span, step) -> step.step() > 3 && !computes(step.step())
                        ? linear
                        : policy.decide().apply(span, step));
    }

    private List<Span> halves() {
        int sites = layout.sites().size();
        return sites == 1 ? List.of(layout.stack()) : List.of(new Span(0, sites / 2), new Span(sites / 2, sites));
    }

    private Measure[] everyProbe() {
        List<Integer> ends =
                List.of(0, layout.sites().size() - 1).stream().distinct().toList();
        List<Measure> measures = new ArrayList<>();
        for (Reference reference : Reference.values()) {
            for (Probe probe : List.of(
                    new Probe.Latent(),
                    new Probe.Modulated(0),
                    new Probe.Residuals(ends),
                    new Probe.SpanSum(halves().get(0)),
                    new Probe.Prediction())) {
                measures.add(new Measure.Distance(probe, Metric.L1, reference));
            }
        }
        measures.add(new Measure.Motion(new Probe.Residuals(ends), Metric.L2, List.of(1, 2)));
        return measures.toArray(Measure[]::new);
    }

    /** Spans that change from step to step: what was kept for others must go. */
    private ScriptedPolicy movingSpans() {
        return new ScriptedPolicy(
                "moving spans",
                1,
                List.of(),
                step -> step.step() < 4 ? halves() : layout.perSite(),
                (part, step) -> step.step() == 1 || (step.step() < 4 && ((Span) part).first() > 0)
                        ? Decision.compute(Reason.SCHEDULE)
                        : Decision.reuse(Reason.SCHEDULE));
    }
}
