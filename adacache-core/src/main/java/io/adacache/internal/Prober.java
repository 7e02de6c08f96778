package io.adacache.internal;

import io.adacache.layout.Span;
import io.adacache.layout.TokenGrid;
import io.adacache.metric.Measure;
import io.adacache.metric.Probe;
import io.adacache.metric.Reference;
import io.adacache.metric.Sums;
import io.adacache.spi.TensorOps;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes the measures that a policy asked for, and keeps the tensors that the next ones are compared with.
 *
 * @param <T> the engine's tensor type
 */
final class Prober<T> {
    private final TensorOps<T> ops;
    private final Ledger<T> ledger;
    private final Map<Probe, List<Measure>> byProbe = new LinkedHashMap<>();
    private final Consumer<String> notANumber;
    /** Probes of the call in progress that become references if the whole step is computed. */
    private final Map<Probe, Shared<T>> pending = new HashMap<>();
    /** Residuals of the call in progress whose probe has sites in spans that are still to come. */
    private final Map<Probe, Map<Integer, Shared<T>>> parts = new HashMap<>();

    Prober(TensorOps<T> ops, Ledger<T> ledger, List<Measure> measures, Consumer<String> notANumber) {
        this.ops = ops;
        this.ledger = ledger;
        this.notANumber = notANumber;
        for (Measure measure : new LinkedHashSet<>(measures)) {
            byProbe.computeIfAbsent(measure.probe(), key -> new ArrayList<>()).add(measure);
        }
    }

    /** Returns the sites to capture when a span is computed, ascending. */
    int[] captures(Span span, boolean own) {
        Set<Integer> sites = new TreeSet<>();
        for (Probe probe : byProbe.keySet()) {
            if (probe instanceof Probe.Residuals residuals) {
                residuals.sites().stream().filter(span::contains).forEach(sites::add);
            }
        }
        if (own || (span.size() == 1 && wantsSum(span))) {
            sites.add(span.first());
        }
        return sites.stream().mapToInt(Integer::intValue).toArray();
    }

    boolean wantsModulated(int site) {
        return byProbe.containsKey(new Probe.Modulated(site));
    }

    boolean wantsSum(Span span) {
        return byProbe.containsKey(new Probe.SpanSum(span));
    }

    void latent(Step step, BranchState<T> branch, T latent) {
        Probe probe = new Probe.Latent();
        if (byProbe.containsKey(probe)) {
            Shared<T> copy = ledger.adopt(ops.copy(latent));
            take(step, branch, probe, null, copy);
            ledger.release(copy);
        }
    }

    void modulated(Step step, BranchState<T> branch, int site, Shared<T> now) {
        take(step, branch, new Probe.Modulated(site), null, now);
    }

    void residuals(
            Step step, BranchState<T> branch, Span span, TokenGrid grid, int[] capture, List<Shared<T>> captured) {
        for (Probe probe : byProbe.keySet()) {
            if (probe instanceof Probe.Residuals residuals) {
                Map<Integer, Shared<T>> found = parts.computeIfAbsent(residuals, key -> new TreeMap<>());
                for (int i = 0; i < capture.length; i++) {
                    if (residuals.sites().contains(capture[i])) {
                        found.put(capture[i], ledger.retain(captured.get(i)));
                    }
                }
                boolean complete = found.size() == residuals.sites().size();
                if (complete && residuals.sites().stream().anyMatch(span::contains)) {
                    takeSum(step, branch, probe, grid, List.copyOf(found.values()));
                    found.values().forEach(ledger::release);
                    found.clear();
                }
            }
        }
    }

    private void takeSum(Step step, BranchState<T> branch, Probe probe, TokenGrid grid, List<Shared<T>> found) {
        if (found.size() == 1) {
            take(step, branch, probe, grid, found.get(0));
            return;
        }
        Shared<T> sum =
                ledger.adopt(ops.sum(found.stream().map(part -> part.tensor).toList()));
        take(step, branch, probe, grid, sum);
        ledger.release(sum);
    }

    void sum(Step step, BranchState<T> branch, Span span, TokenGrid grid, Shared<T> sum) {
        take(step, branch, new Probe.SpanSum(span), grid, sum);
    }

    void prediction(Step step, BranchState<T> branch, Shared<T> prediction) {
        Probe probe = new Probe.Prediction();
        if (byProbe.containsKey(probe)) {
            Shared<T> copy = ledger.adopt(ops.copy(prediction.tensor));
            take(step, branch, probe, null, copy);
            ledger.release(copy);
        }
    }

    /** Ends a call: what waited for the whole step becomes a reference, or is dropped. */
    void endCall(BranchState<T> branch, boolean allComputed) {
        if (allComputed) {
            pending.forEach((probe, now) -> branch.setReference(probe, Reference.LAST_COMPUTED_STEP, now));
        }
        pending.values().forEach(ledger::release);
        pending.clear();
        parts.values().forEach(found -> found.values().forEach(ledger::release));
        parts.clear();
    }

    private void take(Step step, BranchState<T> branch, Probe probe, @Nullable TokenGrid grid, Shared<T> now) {
        boolean lastTaken = false;
        boolean lastButOneTaken = false;
        for (Measure measure : byProbe.get(probe)) {
            if (measure instanceof Measure.Distance distance) {
                Shared<T> then = branch.reference(probe, distance.reference());
                if (then != null) {
                    step.add(distance, checked(ops.distance(distance.metric(), now.tensor, then.tensor), probe));
                }
                if (distance.reference() != Reference.LAST_COMPUTED_STEP) {
                    lastTaken = true;
                    lastButOneTaken |= distance.reference() == Reference.LAST_BUT_ONE_TAKEN;
                } else {
                    ledger.release(pending.put(probe, ledger.retain(now)));
                }
            } else if (measure instanceof Measure.Motion motion) {
                step.add(motion, motion(motion, grid, now));
            }
        }
        if (lastTaken) {
            Shared<T> last = branch.reference(probe, Reference.LAST_TAKEN);
            if (lastButOneTaken && last != null) {
                branch.setReference(probe, Reference.LAST_BUT_ONE_TAKEN, last);
            }
            branch.setReference(probe, Reference.LAST_TAKEN, now);
        }
    }

    private List<Sums> motion(Measure.Motion motion, @Nullable TokenGrid grid, Shared<T> now) {
        TokenGrid frames = Objects.requireNonNull(grid, "a measure of motion refuses other probes");
        return motion.strides().stream()
                .map(stride -> checked(ops.motion(motion.norm(), now.tensor, frames, stride), motion.probe()))
                .toList();
    }

    private Sums checked(Sums sums, Probe probe) {
        for (double value : sums.total()) {
            if (!Double.isFinite(value)) {
                notANumber.accept(probe.toString());
                break;
            }
        }
        return sums;
    }
}
