package io.adacache.djl.instrument.graph;

/** Something in the file does not fit what this package can cut; the message says what, where, and what to do. */
public final class NotUnderstood extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Whatever is done to the trace, this structure stays: the remedy is {@link Remedy#WHOLE_CALL}. */
    public NotUnderstood(String reason) {
        this(reason, Remedy.WHOLE_CALL);
    }

    public NotUnderstood(String reason, Remedy remedy) {
        super(remedy.behind(reason));
    }
}
