package io.adacache.policy;

import io.adacache.layout.Span;
import java.util.List;

/** How a step is cut up: into spans that are decided one by one, or not at all. */
public sealed interface StepPlan {
    /**
     * The layout, cut into spans. Kept sums of spans that are not in the plan are freed.
     *
     * @param spans cover the layout once, in order
     */
    record Spans(List<Span> spans) implements StepPlan {
        /** Copies the list. */
        public Spans {
            spans = List.copyOf(spans);
        }
    }

    /**
     * The whole call, decided before anything runs. The only plan that works for an opaque model.
     *
     * @param decision compute runs {@code forward}; reuse runs nothing
     * @param kept what is kept of a computed call and reused
     */
    record WholeCall(Decision decision, Kept kept) implements StepPlan {}

    /** What a whole call keeps. */
    enum Kept {
        /** The prediction; a reused call returns the weighted kept predictions. */
        PREDICTION,
        /**
         * The prediction minus the latent (EasyCache); a reused call adds the latent of its own. Where the prediction has
         * more channels than the latent, the latent is taken from the first ones.
         */
        CHANGE
    }
}
