package io.adacache.bench.command;

/** A search ended without what was asked for; what was printed before it says what was found. */
public final class GoalMissed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Creates one that says what could not be reached. */
    public GoalMissed(String message) {
        super(message);
    }
}
