package io.adacache.rivals;

import io.adacache.layout.Layout;
import io.adacache.layout.Part;
import io.adacache.layout.Site;
import io.adacache.layout.Span;
import io.adacache.policy.Decision;
import io.adacache.policy.Decision.Reason;
import io.adacache.policy.Forecast;
import io.adacache.policy.Generation;
import io.adacache.policy.PolicyRun;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * One generation under a schedule that is known beforehand for each site. Nothing is kept that is not reused later, and what
 * can run together does: neighbouring sites with the same schedule are one span, and so are, step by step, all neighbours that
 * are neither reused nor kept.
 */
final class SiteSchedule implements PolicyRun {
    /** Which sites are reused when. */
    interface Rule {
        /**
         * Whether a site is reused.
         *
         * @param step from 0, as the papers count
         */
        boolean reuses(Site site, int step);
    }

    /** Neighbouring sites with one schedule; steps from 0. */
    private record Group(Span span, BitSet reused, BitSet kept, BitSet alive) {}

    private final List<Group> groups = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();
    private final Forecast forecast;
    private final int forecastFrom;

    /** Repeats what was kept. */
    SiteSchedule(String policy, Layout layout, Generation generation, Rule rule) {
        this(policy, layout, generation, rule, Forecast.REPEAT, 0);
    }

    /**
     * Forecasts from what was kept.
     *
     * @param policy whose schedule it is
     * @param forecastFrom first step, from 0, whose sums may stand behind the newest one in a forecast
     */
    SiteSchedule(String policy, Layout layout, Generation generation, Rule rule, Forecast forecast, int forecastFrom) {
        this.forecast = forecast;
        this.forecastFrom = forecastFrom;
        BitSet before = new BitSet();
        int first = 0;
        for (Site site : layout.sites()) {
            BitSet reused = new BitSet();
            for (int step = 1; step < generation.steps(); step++) {
                reused.set(step, rule.reuses(site, step));
            }
            if (site.index() > first && !before.equals(reused)) {
                groups.add(group(new Span(first, site.index()), before));
                first = site.index();
            }
            before = reused;
        }
        groups.add(group(new Span(first, layout.sites().size()), before));
        if (generation.steps() > 1 && groups.stream().allMatch(group -> group.reused.isEmpty())) {
            warn("Policy '" + policy + "' reuses nothing with these settings in " + generation.steps() + " steps");
        }
    }

    /** Adds a warning. */
    SiteSchedule warn(String line) {
        warnings.add(line);
        return this;
    }

    private Group group(Span span, BitSet reused) {
        Group group = new Group(span, reused, new BitSet(), new BitSet());
        reused.stream().forEach(step -> {
            double[] sources = sources(reused, step);
            for (double source : sources) {
                group.kept.set((int) source);
            }
            group.alive.set((int) sources[sources.length - 1], step + 1);
        });
        return group;
    }

    /** Returns the computed steps that a reused step draws on, newest first. */
    private double[] sources(BitSet reused, int step) {
        int newest = reused.previousClearBit(step);
        List<Integer> steps = new ArrayList<>(List.of(newest));
        for (int older = reused.previousClearBit(newest - 1);
                older >= forecastFrom && steps.size() < forecast.history();
                older = reused.previousClearBit(older - 1)) {
            steps.add(older);
        }
        return steps.stream().mapToDouble(Integer::doubleValue).toArray();
    }

    @Override
    public int history() {
        return forecast.history();
    }

    @Override
    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    @Override
    public List<Span> plan(StepView step) {
        int now = step.step() - 1;
        List<Span> spans = new ArrayList<>();
        boolean open = false;
        for (Group group : groups) {
            boolean alone = group.alive.get(now);
            if (open && !alone) {
                Span last = spans.remove(spans.size() - 1);
                spans.add(new Span(last.first(), group.span.last()));
            } else {
                spans.add(group.span);
            }
            open = !alone;
        }
        return spans;
    }

    @Override
    public Decision decide(Part part, StepView step) {
        int now = step.step() - 1;
        int first = ((Span) part).first();
        Group group = groups.stream()
                .filter(each -> each.span.contains(first))
                .findFirst()
                .orElseThrow();
        if (group.reused.get(now)) {
            return new Decision.Reuse(Reason.SCHEDULE, forecast.weights(sources(group.reused, now), now));
        }
        Reason reason = now == 0 ? Reason.FIRST : group.reused.isEmpty() ? Reason.ALWAYS : Reason.SCHEDULE;
        return group.kept.get(now) ? Decision.compute(reason) : Decision.computeOnly(reason);
    }
}
