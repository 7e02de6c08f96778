package io.adacache.djl.instrument.graph;

import java.util.ArrayList;
import java.util.List;

/** Text of methods of the root class. */
final class Methods {
    private final String self;
    private final StringBuilder text = new StringBuilder();

    Methods(String rootType) {
        this.self = "self: " + rootType;
    }

    String text() {
        return text.toString();
    }

    void add(String name, String parameters, String returns, List<String> lines) {
        text.append("  def ").append(name).append("(").append(self).append(", ").append(parameters);
        text.append(") -> ").append(returns).append(":\n");
        lines.forEach(l -> text.append("    ").append(l).append('\n'));
    }

    static String list(List<String> items) {
        return "[" + String.join(", ", items) + "]";
    }

    /**
     * An empty tensor whose shape holds sizes, behind a first one of 0. It has the strides of nothing: those of an ordinary tensor are products
     * of its sizes, and overflow where there are many of them, or large ones.
     */
    static String sizes(List<String> sizes) {
        String none = ", 0".repeat(sizes.size());
        String all = sizes.isEmpty() ? "" : ", " + String.join(", ", sizes);
        return "torch.as_strided(torch.empty([0]), [0" + all + "], [0" + none + "])";
    }

    /** Forward's inputs as parameters, put under their values' names. */
    static String inputs(Graph graph, SliceWriter w) {
        List<String> parameters = new ArrayList<>();
        for (Graph.Input input : graph.inputs()) {
            String name = "in_" + input.name();
            parameters.add(name + ": Tensor");
            w.line(input.value() + " = " + name);
            w.given(input.value());
        }
        return String.join(", ", parameters);
    }
}
