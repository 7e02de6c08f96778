package io.adacache.metric;

import io.adacache.layout.Span;
import java.util.List;

/** A tensor that a policy wants measured. */
public sealed interface Probe {
    /**
     * The sum of the residuals of some sites, taken when the last of them is computed in a step that computes them all.
     *
     * @param sites indices of the sites
     */
    record Residuals(List<Integer> sites) implements Probe {
        /** Copies the list and checks that it names at least one site, each once. */
        public Residuals {
            sites = List.copyOf(sites);
            if (sites.isEmpty() || sites.stream().distinct().count() != sites.size()) {
                throw new IllegalArgumentException(
                        "A residual probe names at least one site, and each once, but got " + sites);
            }
        }
    }

    /** The sum of a span of the plan, taken when it is computed. */
    record SpanSum(Span span) implements Probe {}

    /** The normalised, modulated input of a site that begins a span of the plan, taken before that span is decided. */
    record Modulated(int site) implements Probe {}

    /** The latent that the call is given, taken before the step is planned. */
    record Latent() implements Probe {}

    /** The prediction of a call that was computed. */
    record Prediction() implements Probe {}
}
