package io.adacache.bench.plan;

import io.adacache.event.Trace;
import io.adacache.event.Trace.PartRecord;
import io.adacache.event.Trace.StepRecord;
import io.adacache.layout.Layout;
import io.adacache.layout.ResidualKind;
import io.adacache.layout.Site;
import io.adacache.layout.Span;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A schedule for readers: a line per step, or JSON. */
public final class ScheduleSheet {
    private final Trace schedule;
    private final Layout layout;
    private final List<Double> timesteps;

    /**
     * Creates a sheet.
     *
     * @param layout of the model
     * @param timesteps shown beside the steps; may be empty
     */
    public ScheduleSheet(Trace schedule, Layout layout, List<Double> timesteps) {
        this.schedule = schedule;
        this.layout = layout;
        this.timesteps = List.copyOf(timesteps);
    }

    /** What is done with a kind of residual in a step: the blocks in which it is computed, and those in which it is reused. */
    private record Share(TreeSet<Integer> computed, TreeSet<Integer> reused) {
        Share() {
            this(new TreeSet<>(), new TreeSet<>());
        }
    }

    /** Returns the schedule as maps and lists, for a JSON writer. Steps count from 1, {@code index} from 0. */
    public Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("policy", schedule.policy());
        json.put("steps", schedule.steps().size());
        json.put("sites", layout.sites().size());
        json.put("computed", schedule.computedSteps());
        json.put("reused", schedule.reusedSteps());
        json.put("partial", schedule.partialSteps());
        json.put("work", schedule.work());
        Map<String, Object> reusedByKind = new LinkedHashMap<>();
        for (ResidualKind kind : kinds(layout)) {
            reusedByKind.put(
                    kind.id(),
                    schedule.steps().stream()
                            .filter(step -> reuses(step, kind))
                            .map(StepRecord::step)
                            .toList());
        }
        json.put("reused_by_kind", reusedByKind);
        List<Object> steps = new ArrayList<>();
        schedule.steps().forEach(step -> steps.add(step(step)));
        json.put("per_step", steps);
        return json;
    }

    private boolean reuses(StepRecord step, ResidualKind kind) {
        Share share = shares(step).get(kind);
        return share != null && !share.reused().isEmpty();
    }

    private static List<ResidualKind> kinds(Layout layout) {
        return layout.sites().stream().map(Site::kind).distinct().sorted().toList();
    }

    private Map<String, Object> step(StepRecord step) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("step", step.step());
        json.put("index", step.step() - 1);
        if (!timesteps.isEmpty()) {
            json.put("timestep", timesteps.get(step.step() - 1));
        }
        json.put("state", step.decision());
        Map<ResidualKind, Share> shares = shares(step);
        json.put("computed", blocks(shares, Share::computed, Share::reused));
        json.put("reused", blocks(shares, Share::reused, Share::computed));
        json.put("reasons", reasons(step));
        if (!step.figures().isEmpty()) {
            json.put(
                    "figures",
                    step.figures().stream()
                            .map(figures -> finite(figures.asMap()))
                            .toList());
        }
        return json;
    }

    /** The blocks of one side by kind; "all" where the other side has none of that kind. */
    private static Map<String, Object> blocks(
            Map<ResidualKind, Share> shares,
            Function<Share, TreeSet<Integer>> side,
            Function<Share, TreeSet<Integer>> other) {
        Map<String, Object> blocks = new LinkedHashMap<>();
        shares.forEach((kind, share) -> {
            if (!side.apply(share).isEmpty()) {
                blocks.put(kind.id(), other.apply(share).isEmpty() ? "all" : side.apply(share));
            }
        });
        return blocks;
    }

    /** JSON knows no NaN. */
    private static Map<String, Object> finite(Map<String, Double> figures) {
        Map<String, Object> copy = new LinkedHashMap<>();
        figures.forEach((name, value) -> copy.put(name, Double.isFinite(value) ? value : String.valueOf(value)));
        return copy;
    }

    private static List<String> reasons(StepRecord step) {
        return step.parts().stream()
                .map(PartRecord::reason)
                .map(reason -> reason.id())
                .distinct()
                .toList();
    }

    private Map<ResidualKind, Share> shares(StepRecord step) {
        Map<ResidualKind, Share> shares = new TreeMap<>();
        for (PartRecord record : step.parts()) {
            for (Site site : layout.sites()) {
                if (!(record.part() instanceof Span span) || span.contains(site.index())) {
                    Share share = shares.computeIfAbsent(site.kind(), kind -> new Share());
                    (record.computed() ? share.computed() : share.reused()).add(site.block());
                }
            }
        }
        return shares;
    }

    /** Returns a line per step, and a summary. */
    public String text() {
        StringBuilder text = new StringBuilder(schedule.policy()).append(System.lineSeparator());
        for (StepRecord step : schedule.steps()) {
            text.append(String.format(
                    Locale.ROOT,
                    "%4d  %s%-8s  %-12s %s%n",
                    step.step(),
                    timesteps.isEmpty() ? "" : String.format(Locale.ROOT, "t %8.3f  ", timesteps.get(step.step() - 1)),
                    step.decision(),
                    String.join(", ", reasons(step)),
                    detail(step)));
        }
        return text.append(summary()).toString();
    }

    private String detail(StepRecord step) {
        if (step.isComputed() || step.isReused()) {
            return "";
        }
        List<String> computed = new ArrayList<>();
        List<String> reused = new ArrayList<>();
        shares(step).forEach((kind, share) -> {
            if (!share.computed().isEmpty()) {
                computed.add(kind.id() + (share.reused().isEmpty() ? "" : blocks(share.computed())));
            }
            if (!share.reused().isEmpty()) {
                reused.add(kind.id() + (share.computed().isEmpty() ? "" : blocks(share.reused())));
            }
        });
        return "computes " + String.join(", ", computed) + "; reuses " + String.join(", ", reused);
    }

    /** Blocks as ranges; a block may hold a kind twice, so that the same number can stand on both sides. */
    private static String blocks(TreeSet<Integer> blocks) {
        List<String> ranges = new ArrayList<>();
        Integer first = null;
        for (int block : blocks) {
            first = first == null ? Integer.valueOf(block) : first;
            if (!blocks.contains(block + 1)) {
                ranges.add(first == block ? "" + block : first + "-" + block);
                first = null;
            }
        }
        return " of blocks " + String.join("+", ranges);
    }

    private String summary() {
        return String.format(
                Locale.ROOT,
                "computed %d of %d%s, reused %d, partial %d; work %.2f steps (partial ones by their share of sites)%n",
                schedule.computedSteps().size(),
                schedule.steps().size(),
                schedule.computedSteps().stream().map(String::valueOf).collect(Collectors.joining(", ", " (", ")")),
                schedule.reusedSteps().size(),
                schedule.partialSteps().size(),
                schedule.work());
    }

    /** Returns a character per step: {@code #} computed, {@code .} reused, {@code +} partial. */
    public static String strip(Trace schedule) {
        return schedule.steps().stream()
                .map(step -> step.isComputed() ? "#" : step.isReused() ? "." : "+")
                .collect(Collectors.joining());
    }
}
