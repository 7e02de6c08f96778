package io.adacache.rivals;

import java.util.List;

/**
 * Steps at both ends of a generation that are computed whatever is measured.
 *
 * @param policy whose they are
 * @param first how many at the beginning
 * @param last how many at the end
 * @param steps of the generation
 */
record Forced(String policy, int first, int last, int steps) {
    /** Whether a step, from 0, is one of them. */
    boolean contains(int step) {
        return step < first || step >= steps - last;
    }

    /**
     * Returns this, if a step is left in which something can be reused, or nobody asked for these numbers.
     *
     * @throws IllegalArgumentException otherwise
     */
    Forced check(boolean given) {
        if (given && all()) {
            throw new IllegalArgumentException(all(": give smaller numbers"));
        }
        return this;
    }

    /** Returns a line if no step is left. */
    List<String> warnings() {
        return all() && steps > 1 ? List.of(all("")) : List.of();
    }

    private boolean all() {
        return first + (long) last >= steps;
    }

    private String all(String remedy) {
        return "Policy '" + policy + "' computes the first " + first + " and the last " + last
                + " steps in any case: all of " + steps + ", so nothing would be reused" + remedy;
    }
}
