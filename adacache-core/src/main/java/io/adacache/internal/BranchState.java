package io.adacache.internal;

import io.adacache.layout.Span;
import io.adacache.layout.TokenGrid;
import io.adacache.metric.Probe;
import io.adacache.metric.Reference;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one branch of a session keeps from step to step: sums per span, and the probes that distances are measured from.
 *
 * @param <T> the engine's tensor type
 */
final class BranchState<T> {
    /** The whole call, where a plan is not cut into spans. */
    static final Span CALL = new Span(0, Integer.MAX_VALUE);

    private record Key(Probe probe, Reference reference) {}

    private final Ledger<T> ledger;
    private final Map<Span, Deque<Shared<T>>> kept = new HashMap<>();
    private final Map<Key, Shared<T>> references = new HashMap<>();
    private @Nullable TokenGrid grid;

    BranchState(Ledger<T> ledger) {
        this.ledger = ledger;
    }

    /** Checks that all calls of this branch are of one size. */
    void checkGrid(TokenGrid now) {
        if (grid != null && !grid.equals(now)) {
            throw new IllegalArgumentException("The inputs changed size within a generation, from " + grid + " to "
                    + now + "; what was kept does not fit. Begin a new session for the new size.");
        }
        grid = now;
    }

    List<T> kept(Span span, int count) {
        List<T> newestFirst = new ArrayList<>(count);
        Iterator<Shared<T>> all = kept.getOrDefault(span, new ArrayDeque<>()).iterator();
        while (newestFirst.size() < count && all.hasNext()) {
            newestFirst.add(all.next().tensor);
        }
        return newestFirst;
    }

    boolean hasKept(Span span) {
        return !kept.getOrDefault(span, new ArrayDeque<>()).isEmpty();
    }

    /** Keeps a sum, whose user this becomes. */
    void keep(Span span, Shared<T> sum) {
        kept.computeIfAbsent(span, key -> new ArrayDeque<>()).addFirst(sum);
    }

    /** Frees the oldest sums of a span until at most {@code count} are left. */
    void trim(Span span, int count) {
        Deque<Shared<T>> sums = kept.get(span);
        while (sums != null && sums.size() > count) {
            ledger.release(sums.removeLast());
        }
    }

    /** Frees the sums of all spans that are not in the plan. */
    void retainOnly(Set<Span> spans) {
        kept.entrySet().removeIf(entry -> {
            if (spans.contains(entry.getKey())) {
                return false;
            }
            entry.getValue().forEach(ledger::release);
            return true;
        });
    }

    @Nullable
    Shared<T> reference(Probe probe, Reference reference) {
        return references.get(new Key(probe, reference));
    }

    /** Makes a tensor the one that the probe is compared with from now on; adds a user to it. */
    void setReference(Probe probe, Reference reference, Shared<T> now) {
        ledger.release(references.put(new Key(probe, reference), ledger.retain(now)));
    }

    /** Frees everything. */
    void clear() {
        retainOnly(Set.of());
        references.values().forEach(ledger::release);
        references.clear();
    }
}
