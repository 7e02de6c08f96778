package io.adacache.internal;

import io.adacache.layout.Part;
import io.adacache.layout.TokenGrid;
import io.adacache.metric.Measure.Reference;
import io.adacache.metric.Probe;
import io.adacache.spi.Transformer;
import io.adacache.spi.Transformer.Embedded;
import io.adacache.spi.Transformer.Embedder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one branch of a session keeps from step to step: tensors per part, and the probes that distances are measured from.
 *
 * @param <T> the engine's tensor type
 */
final class BranchState<T> {
    private record Key(Probe probe, Reference reference) {}

    private final Ledger<T> ledger;
    private final Map<Part, Deque<Shared<T>>> kept = new HashMap<>();
    private final Map<Key, Shared<T>> references = new HashMap<>();
    private @Nullable TokenGrid grid;
    private int stage;
    private boolean dropped;
    private @Nullable Embedder<T> embedder;
    /** The plan that everything kept belongs to. */
    private Collection<? extends Part> plan = List.of();

    BranchState(Ledger<T> ledger) {
        this.ledger = ledger;
    }

    /**
     * Holds a call against the ones before it. What was kept fits calls of one size. Where only the number of rows has changed
     * (guidance was dropped, a batch grew or shrank), or another model computes the call, all of it is dropped and the generation goes
     * on (docs/decisions/0012).
     *
     * @return whether the number of rows has changed
     * @throws IllegalArgumentException if the call is of another size
     */
    boolean fit(TokenGrid now, int nowStage) {
        TokenGrid before = grid;
        if (before != null && !before.withRows(now.rows()).equals(now)) {
            throw new IllegalArgumentException("The inputs changed size within a generation, from " + before + " to "
                    + now + "; what was kept does not fit. Begin a new session for the new size.");
        }
        grid = now;
        boolean rows = before != null && !before.equals(now);
        if (before != null && (rows || nowStage != stage)) {
            clear();
            dropped = true;
        }
        stage = nowStage;
        return rows;
    }

    /** Whether kept tensors were dropped since the generation began: then fewer may be here than a policy counts on. */
    boolean hasDropped() {
        return dropped;
    }

    List<T> kept(Part part, int count) {
        List<T> newestFirst = new ArrayList<>(count);
        Iterator<Shared<T>> all = kept.getOrDefault(part, none()).iterator();
        while (newestFirst.size() < count && all.hasNext()) {
            newestFirst.add(all.next().tensor);
        }
        return newestFirst;
    }

    int countKept(Part part) {
        return kept.getOrDefault(part, none()).size();
    }

    /** Keeps a sum, whose user this becomes. */
    void keep(Part part, Shared<T> sum) {
        kept.computeIfAbsent(part, key -> new ArrayDeque<>()).addFirst(sum);
    }

    /** Frees the oldest sums of a part until at most {@code count} are left. */
    void trim(Part part, int count) {
        Deque<Shared<T>> sums = kept.get(part);
        while (sums != null && sums.size() > count) {
            ledger.release(sums.removeLast());
        }
    }

    /** Frees the sums of all parts that are not in the plan; the same plan as before frees nothing. */
    void retainOnly(Collection<? extends Part> parts) {
        if (parts == plan) {
            return;
        }
        plan = parts;
        kept.entrySet().removeIf(entry -> {
            if (parts.contains(entry.getKey())) {
                return false;
            }
            entry.getValue().forEach(ledger::release);
            return true;
        });
    }

    /** Embeds a call of this branch. What its embedder keeps is kept until {@link #clear}. */
    Embedded<T> embed(Transformer<T> transformer, List<T> inputs) {
        Embedder<T> own = embedder;
        if (own == null) {
            own = ledger.adopt(transformer.embedder());
            embedder = own;
        }
        return own.embed(inputs);
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
        ledger.close(embedder);
        embedder = null;
    }

    private static <T> Deque<Shared<T>> none() {
        return new ArrayDeque<>(1);
    }
}
