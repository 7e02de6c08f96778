package io.adacache.djl.instrument.graph;

import java.util.List;

/**
 * What must be known of the streams at their start to write the contract's hidden state.
 *
 * @param latent position of the latent among the inputs
 * @param video which stream holds the latent's tokens; those of all others come before them
 * @param forms how each stream lies
 * @param behind tokens in one row of the latent's stream that lie behind its own and do not depend on it
 */
public record Start(int latent, int video, List<StartForm> forms, int behind) {
    /** Copies the list. */
    public Start {
        forms = List.copyOf(forms);
    }

    /** The streams in the order in which the contract's hidden state holds their tokens. */
    List<Integer> order() {
        List<Integer> order = new java.util.ArrayList<>();
        for (int i = 0; i < forms.size(); i++) {
            if (i != video) {
                order.add(i);
            }
        }
        order.add(video);
        return order;
    }
}
