package io.adacache.internal;

import io.adacache.layout.Span;
import io.adacache.metric.Measure;
import io.adacache.metric.Measure.Reference;
import io.adacache.metric.Probe;
import io.adacache.metric.Sums;
import io.adacache.spi.TensorOps;
import io.adacache.spi.TensorOps.Comparison;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Takes the measures that a policy asked for, and keeps the tensors that the next ones are compared with.
 *
 * @param <T> the engine's tensor type
 */
final class Prober<T> {
    /** References that move back by one whenever the probe is taken, newest first. */
    private static final List<Reference> TAKEN =
            List.of(Reference.LAST_TAKEN, Reference.LAST_BUT_ONE_TAKEN, Reference.LAST_BUT_TWO_TAKEN);

    private final TensorOps<T> ops;
    private final Ledger<T> ledger;
    private final Map<Probe, List<Measure>> byProbe = new LinkedHashMap<>();
    /** What is known of a span before anything is computed: sites to capture, and probes that look into it. */
    private final Map<Span, Wanted> wanted = new HashMap<>();

    private final Consumer<String> notANumber;
    /** Probes of the call in progress that become references if the whole step is computed. */
    private final Map<Probe, Shared<T>> pending = new HashMap<>();
    /** Residuals of the call in progress whose probe has sites in spans that are still to come. */
    private final Map<Probe, Map<Integer, Shared<T>>> parts = new HashMap<>();

    /**
     * What the measures want of a span.
     *
     * @param sites of its residuals, ascending
     * @param probes residuals of which some lie in it
     */
    private record Wanted(int[] sites, List<Probe.Residuals> probes) {}

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
        if (own || (span.size() == 1 && wantsSum(span))) {
            return new int[] {span.first()};
        }
        return wanted(span).sites();
    }

    private Wanted wanted(Span span) {
        return wanted.computeIfAbsent(span, this::look);
    }

    private Wanted look(Span span) {
        Set<Integer> sites = new TreeSet<>();
        List<Probe.Residuals> probes = new ArrayList<>();
        for (Probe probe : byProbe.keySet()) {
            if (probe instanceof Probe.Residuals residuals
                    && residuals.sites().stream().anyMatch(span::contains)) {
                residuals.sites().stream().filter(span::contains).forEach(sites::add);
                probes.add(residuals);
            }
        }
        return new Wanted(sites.stream().mapToInt(Integer::intValue).toArray(), probes);
    }

    boolean wantsModulated(int site) {
        return byProbe.containsKey(new Probe.Modulated(site));
    }

    boolean wantsSum(Span span) {
        return byProbe.containsKey(new Probe.SpanSum(span));
    }

    void latent(BranchCall<T> call, T latent) {
        takeCopy(call, new Probe.Latent(), latent);
    }

    void prediction(BranchCall<T> call, Shared<T> prediction) {
        takeCopy(call, new Probe.Prediction(), prediction.tensor);
    }

    /** A prediction that the session keeps, and that is nobody else's. */
    void keptPrediction(BranchCall<T> call, Shared<T> prediction) {
        take(call, new Probe.Prediction(), prediction);
    }

    /** What a whole call keeps of itself, where that is not the prediction. */
    void change(BranchCall<T> call, Shared<T> change) {
        take(call, new Probe.Change(), change);
    }

    /** What is the service's, or will be, is measured on a copy that the session may keep. */
    private void takeCopy(BranchCall<T> call, Probe probe, T tensor) {
        if (byProbe.containsKey(probe)) {
            Shared<T> copy = ledger.adopt(ops.copy(tensor));
            take(call, probe, copy);
            ledger.release(copy);
        }
    }

    void modulated(BranchCall<T> call, int site, Shared<T> now) {
        take(call, new Probe.Modulated(site), now);
    }

    void residuals(BranchCall<T> call, Span span, int[] capture, List<Shared<T>> captured) {
        for (Probe.Residuals residuals : wanted(span).probes()) {
            Map<Integer, Shared<T>> found = parts.computeIfAbsent(residuals, key -> new TreeMap<>());
            for (int i = 0; i < capture.length; i++) {
                if (residuals.sites().contains(capture[i])) {
                    found.put(capture[i], ledger.retain(captured.get(i)));
                }
            }
            if (found.size() == residuals.sites().size()) {
                takeSum(call, residuals, List.copyOf(found.values()));
                found.values().forEach(ledger::release);
                found.clear();
            }
        }
    }

    private void takeSum(BranchCall<T> call, Probe probe, List<Shared<T>> found) {
        if (found.size() == 1) {
            take(call, probe, found.get(0));
            return;
        }
        Shared<T> sum =
                ledger.adopt(ops.sum(found.stream().map(part -> part.tensor).toList()));
        take(call, probe, sum);
        ledger.release(sum);
    }

    void sum(BranchCall<T> call, Span span, Shared<T> sum) {
        take(call, new Probe.SpanSum(span), sum);
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

    /** Makes all comparisons of a probe at once: on a device, what is measured is read once. */
    private void take(BranchCall<T> call, Probe probe, Shared<T> now) {
        Set<Reference> wanted = EnumSet.noneOf(Reference.class);
        List<Comparison<T>> comparisons = new ArrayList<>();
        List<Measure> made = new ArrayList<>();
        for (Measure measure : byProbe.getOrDefault(probe, List.of())) {
            if (measure instanceof Measure.Distance distance) {
                wanted.add(distance.reference());
                Shared<T> then = call.branch().reference(probe, distance.reference());
                if (then != null) {
                    comparisons.add(new Comparison.From<>(distance.metric(), then.tensor));
                    made.add(measure);
                }
            } else if (measure instanceof Measure.Motion motion) {
                motion.strides()
                        .forEach(
                                stride -> comparisons.add(new Comparison.Inside<>(motion.norm(), call.grid(), stride)));
                made.add(measure);
            }
        }
        if (!comparisons.isEmpty()) {
            report(call, made, ops.compare(now.tensor, comparisons));
        }
        becomeReference(call.branch(), probe, wanted, now);
    }

    private void report(BranchCall<T> call, List<Measure> made, List<Sums> all) {
        int at = 0;
        for (Measure measure : made) {
            if (measure instanceof Measure.Distance distance) {
                call.step().add(distance, checked(all.get(at++), measure.probe()));
            } else if (measure instanceof Measure.Motion motion) {
                List<Sums> perStride = all.subList(at, at + motion.strides().size());
                perStride.forEach(sums -> checked(sums, motion.probe()));
                call.step().add(motion, List.copyOf(perStride));
                at += perStride.size();
            }
        }
    }

    private void becomeReference(BranchState<T> branch, Probe probe, Set<Reference> wanted, Shared<T> now) {
        if (wanted.contains(Reference.LAST_COMPUTED_STEP)) {
            ledger.release(pending.put(probe, ledger.retain(now)));
        }
        int deepest = -1;
        for (int i = 0; i < TAKEN.size(); i++) {
            deepest = wanted.contains(TAKEN.get(i)) ? i : deepest;
        }
        for (int i = deepest; i > 0; i--) {
            Shared<T> newer = branch.reference(probe, TAKEN.get(i - 1));
            if (newer != null) {
                branch.setReference(probe, TAKEN.get(i), newer);
            }
        }
        if (deepest >= 0) {
            branch.setReference(probe, Reference.LAST_TAKEN, now);
        }
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
