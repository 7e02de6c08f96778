package io.adacache.djl.instrument.graph;

import io.adacache.djl.archive.Tensor;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Guesses which input is the latent, before anything is run. */
final class Latents {
    private Latents() {}

    /** The latent's value: the input that was named, else the one of most dimensions that is no condition by its name. */
    static String guess(Graph graph, Map<String, Tensor> given, @Nullable String named) {
        List<Graph.Input> inputs = graph.inputs();
        Graph.Input best = null;
        int most = -1;
        for (int i = 0; i < inputs.size(); i++) {
            if (inputs.get(i).name().equals(named)) {
                return inputs.get(i).value();
            }
            Tensor known = given.getOrDefault(inputs.get(i).name(), given.get("arr_" + i));
            int score = score(inputs.get(i).name(), known);
            if (score > most && !graph.users(inputs.get(i).value()).isEmpty()) {
                best = inputs.get(i);
                most = score;
            }
        }
        if (best == null) {
            throw new NotUnderstood("forward reads none of its inputs", Remedy.TRACE);
        }
        return best.value();
    }

    private static int score(String name, @Nullable Tensor known) {
        int rank = known == null ? 3 : known.shape().size();
        boolean numbers = known == null || known.dtype().contains("float");
        String plain = name.toLowerCase(Locale.ROOT);
        boolean condition = plain.matches(
                ".*(mask|rotary|freq|rope|encoder|text|prompt|context|cond|control|image|embed|pooled|guid|time|ids).*");
        return (numbers && rank >= 3 ? 20 : 0) + (condition ? 0 : 10) + Math.min(rank, 9);
    }
}
