package io.adacache.bench.compare;

import io.adacache.bench.report.Comparison;
import io.adacache.spi.TensorOps.Storage;
import java.util.ArrayList;
import java.util.List;

/**
 * Who takes part in a comparison.
 *
 * @param policies as they were asked for, {@link Comparison#UNCACHED} first
 * @param repeats how often each generation runs; the fastest counts
 * @param twins whether every policy that adapts is followed by as many evenly spaced steps as it computed
 * @param storage how kept sums are stored
 */
public record Contest(List<String> policies, int repeats, boolean twins, Storage storage) {
    private static final int WARM_UP = 12;

    /** Creates one in which kept sums are stored as they are. */
    public Contest(List<String> policies, int repeats, boolean twins) {
        this(policies, repeats, twins, Storage.FULL);
    }

    /** Copies the list. */
    public Contest {
        policies = List.copyOf(policies);
    }

    /** Returns the policies that run once before anything counts. */
    List<String> warmUp() {
        return policies.subList(0, Math.min(WARM_UP, policies.size()));
    }

    /** Returns the number of generations of so many cases beside twins and further uncached ones, warm-up included. */
    public int generations(int cases) {
        return cases * repeats * policies.size() + warmUp().size();
    }

    /** Returns the names in the report, in the order of the runs of a case. */
    public List<String> names() {
        List<String> names = new ArrayList<>();
        for (String name : policies) {
            names.add(name);
            if (hasTwin(name)) {
                names.add(twin(name));
            }
        }
        return names;
    }

    boolean hasTwin(String name) {
        boolean even = name.startsWith("even") || name.startsWith("every");
        return twins && !even && !name.equals(Comparison.UNCACHED);
    }

    static String twin(String name) {
        return Comparison.TWIN + name;
    }
}
