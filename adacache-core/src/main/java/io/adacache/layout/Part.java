package io.adacache.layout;

/**
 * What is decided as one, and kept as one tensor: a {@link Span} of sites, or the whole call. A plan cuts a step into parts: spans that
 * cover the layout once, or one {@link Call}.
 */
public sealed interface Part permits Span, Part.Call {
    /** Returns the number of sites; 1 for a whole call. */
    int size();

    /** The whole call, decided before anything of it runs, and what is kept of it. The only part of an opaque model. */
    enum Call implements Part {
        /** The prediction is kept; a reused call returns the weighted kept predictions. */
        PREDICTION,
        /**
         * The prediction minus the latent is kept (EasyCache); a reused call adds the latent of its own. Where the prediction
         * has more channels than the latent, the latent is taken from the first ones.
         */
        CHANGE;

        @Override
        public int size() {
            return 1;
        }

        @Override
        public String toString() {
            return "whole call";
        }
    }
}
