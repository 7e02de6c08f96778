package io.adacache.djl.instrument.graph;

import io.adacache.djl.instrument.syntax.Expr;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Writes the contract's methods as text that is put behind the root class's own. */
final class CodeWriter {
    private final Cut cut;
    private final Layouts layouts;
    private final LayoutWriter layoutWriter;
    private final String self;
    private final Slots slots = new Slots();
    private final StringBuilder text = new StringBuilder();

    CodeWriter(Cut cut, Layouts layouts, LayoutWriter layoutWriter, String rootType) {
        this.cut = cut;
        this.layouts = layouts;
        this.layoutWriter = layoutWriter;
        this.self = "self: " + rootType;
    }

    /** All methods, indented as members of the class. */
    String write() {
        for (int k = 0; k < cut.sites().size(); k++) {
            site(k);
        }
        List<Integer> modulated = new ArrayList<>();
        for (int k = 0; k < cut.sites().size(); k++) {
            if (modulated(k)) {
                modulated.add(k);
            }
        }
        for (int i = 0; i < layouts.distinct().size(); i++) {
            method(
                    "adacache_close_" + i,
                    "state: List[Tensor], context: List[Tensor]",
                    "Tensor",
                    layoutWriter.close(layouts.distinct().get(i), slots));
            method(
                    "adacache_open_" + i,
                    "hidden: Tensor, context: List[Tensor]",
                    "List[Tensor]",
                    layoutWriter.open(layouts.distinct().get(i), slots));
        }
        dispatch();
        run();
        modulatedOf(modulated);
        head();
        embed();
        return text.toString();
    }

    private void site(int k) {
        SliceWriter w = state(k);
        w.write(cut.segment(k));
        List<String> before = cut.states().get(k);
        List<String> after = cut.states().get(k + 1);
        List<String> residuals = new ArrayList<>();
        for (int s = 0; s < after.size(); s++) {
            residuals.add(residual(k, s, before, after, w));
        }
        after.forEach(w::need);
        w.line("return (" + list(after) + ", " + list(residuals) + ")");
        method(
                "adacache_site_" + k,
                "state: List[Tensor], context: List[Tensor]",
                "Tuple[List[Tensor], List[Tensor]]",
                w.lines());
    }

    /** The residual of one stream at a site: what was added, or the sum where additions were merged, or zeros. */
    private String residual(int k, int stream, List<String> before, List<String> after, SliceWriter w) {
        List<String> terms = new ArrayList<>();
        boolean joined = after.size() == 1 && cut.states().get(0).size() == 2;
        for (StreamAdd add : cut.sites().get(k)) {
            if (joined || cut.streamOf(add) == stream) {
                Set<String> names = new HashSet<>();
                Names.collect(add.residual(), names);
                add.node().uses().stream().filter(names::contains).forEach(w::need);
                String term = add.residual().toString();
                terms.add(add.own() ? term : "torch.expand_as(" + term + ", " + add.output() + ")");
            }
        }
        if (terms.isEmpty()) {
            return "torch.zeros_like(" + before.get(stream) + ")";
        }
        return terms.stream()
                .reduce((a, b) -> "torch.add(" + a + ", " + b + ")")
                .orElseThrow();
    }

    private SliceWriter state(int k) {
        SliceWriter w = new SliceWriter(cut, slots);
        List<String> state = cut.states().get(k);
        for (int i = 0; i < state.size(); i++) {
            w.line(state.get(i) + " = state[" + i + "]");
            w.given(state.get(i));
        }
        return w;
    }

    private boolean modulated(int k) {
        SiteFacts facts = new SiteFacts(cut, k);
        if (facts.kind() == SiteFacts.Kind.POSITION) {
            return false;
        }
        Map<Integer, String> values = new LinkedHashMap<>();
        boolean joined = cut.states().get(k + 1).size() == 1;
        for (StreamAdd add : cut.sites().get(k)) {
            String value = facts.modulated(add);
            if (value != null) {
                values.putIfAbsent(joined ? 0 : cut.streamOf(add), value);
            }
        }
        if (values.isEmpty()) {
            return false;
        }
        SliceWriter w = state(k);
        Set<String> wanted = new HashSet<>();
        values.values()
                .forEach(v -> wanted.addAll(
                        cut.flow().between(v, cut.flow().graph().inputs().get(0).value())));
        for (Node node : cut.segment(k)) {
            if (node.outputs().stream().anyMatch(wanted::contains)) {
                w.write(node);
            }
        }
        List<String> result = new ArrayList<>();
        for (int s = 0; s < cut.states().get(k + 1).size(); s++) {
            String value = values.get(s);
            result.add(
                    value != null
                            ? value
                            : "torch.zeros_like(" + cut.states().get(k).get(s) + ")");
        }
        w.line("return (self).adacache_close_" + layouts.id(k + 1) + "(" + list(result) + ", context)");
        method("adacache_modulated_" + k, "state: List[Tensor], context: List[Tensor]", "Tensor", w.lines());
        return true;
    }

    private void dispatch() {
        List<String> close = new ArrayList<>();
        List<String> open = new ArrayList<>();
        String ids = IntStream.rangeClosed(0, cut.sites().size())
                .mapToObj(k -> Integer.toString(layouts.id(k)))
                .collect(Collectors.joining(", ", "[", "]"));
        close.add("ids = " + ids);
        close.add("id = ids[at]");
        open.addAll(close);
        close.add("h = state[0]");
        open.add("s = [hidden]");
        for (int i = 0; i < layouts.distinct().size(); i++) {
            close.add("if torch.eq(id, " + i + "):");
            close.add("  h = (self).adacache_close_" + i + "(state, context)");
            open.add("if torch.eq(id, " + i + "):");
            open.add("  s = (self).adacache_open_" + i + "(hidden, context)");
        }
        close.add("return h");
        open.add("return s");
        method("adacache_close", "at: int, state: List[Tensor], context: List[Tensor]", "Tensor", close);
        method("adacache_open", "at: int, hidden: Tensor, context: List[Tensor]", "List[Tensor]", open);
    }

    private void run() {
        List<String> l = new ArrayList<>();
        l.add("out = [hidden]");
        l.add("kept = annotate(Dict[int, Tensor], {})");
        l.add("if torch.lt(first, last):");
        l.add("  state = (self).adacache_open(first, hidden, context)");
        for (int k = 0; k < cut.sites().size(); k++) {
            l.add("  if torch.__and__(torch.le(first, " + k + "), torch.gt(last, " + k + ")):");
            l.add("    s" + k + ", r" + k + ", = (self).adacache_site_" + k + "(state, context)");
            l.add("    state = s" + k);
            l.add("    if torch.__contains__(capture, " + k + "):");
            l.add("      torch._set_item(kept, " + k + ", (self).adacache_close_" + layouts.id(k + 1) + "(r" + k
                    + ", context))");
        }
        l.add("  out = [(self).adacache_close(last, state, context)]");
        l.add("for i in range(torch.len(capture)):");
        l.add("  _0 = torch.append(out, kept[capture[i]])");
        l.add("return out");
        method(
                "run",
                "first: int, last: int, capture: List[int], hidden: Tensor, context: List[Tensor]",
                "List[Tensor]",
                l);
    }

    private void modulatedOf(List<Integer> sites) {
        List<String> l = new ArrayList<>();
        l.add("if torch.__not__(torch.__contains__(" + (sites.isEmpty() ? "annotate(List[int], [])" : sites)
                + ", site)):");
        l.add("  ops.prim.RaiseException(\"this site has no modulated input\")");
        l.add("state = (self).adacache_open(site, hidden, context)");
        l.add("m = hidden");
        for (int k : sites) {
            l.add("if torch.eq(site, " + k + "):");
            l.add("  m = (self).adacache_modulated_" + k + "(state, context)");
        }
        l.add("return m");
        method("modulated", "site: int, hidden: Tensor, context: List[Tensor]", "Tensor", l);
    }

    private void head() {
        int n = cut.sites().size();
        SliceWriter w = new SliceWriter(cut, slots);
        w.line("state = (self).adacache_open_" + layouts.id(n) + "(hidden, context)");
        List<String> state = cut.states().get(n);
        for (int i = 0; i < state.size(); i++) {
            w.line(state.get(i) + " = state[" + i + "]");
            w.given(state.get(i));
        }
        w.write(cut.segment(n));
        String output = cut.flow().graph().output();
        w.need(output);
        w.line("return " + output);
        method("head", "hidden: Tensor, context: List[Tensor]", "Tensor", w.lines());
    }

    /** Written last, when it is known what the others want out of the context. */
    private void embed() {
        SliceWriter w = new SliceWriter(cut, slots, true);
        List<String> parameters = inputs(w);
        w.write(cut.segment(Cut.EMBED));
        List<String> start = cut.states().get(0);
        start.forEach(w::need);
        List<String> sizes = new ArrayList<>(List.of("0"));
        slots.sizes().forEach(s -> sizes.add(w.size(s.value(), s.dimension())));
        slots.tensors().forEach(w::need);
        List<String> context = new ArrayList<>(List.of("torch.empty([" + String.join(", ", sizes) + "])"));
        context.addAll(slots.tensors());
        w.line("context = " + list(context));
        w.line("hidden = (self).adacache_close_" + layouts.id(0) + "(" + list(start) + ", context)");
        w.line("return (hidden, context)");
        method("embed", String.join(", ", parameters), "Tuple[Tensor, List[Tensor]]", w.lines());
    }

    private List<String> inputs(SliceWriter w) {
        List<String> parameters = new ArrayList<>();
        for (Graph.Input input : cut.flow().graph().inputs()) {
            String name = "in_" + input.name();
            parameters.add(name + ": Tensor");
            w.line(input.value() + " = " + name);
            w.given(input.value());
        }
        return parameters;
    }

    /** A method that computes the plain forward and hands back the named values' shapes. */
    static String probe(Cut cut, String rootType, List<String> values) {
        Graph graph = cut.flow().graph();
        List<String> lines = new ArrayList<>();
        List<String> parameters = new ArrayList<>(List.of("self: " + rootType));
        for (Graph.Input input : graph.inputs()) {
            parameters.add("in_" + input.name() + ": Tensor");
            lines.add(input.value() + " = in_" + input.name());
        }
        List<String> shapes = new ArrayList<>();
        for (Node node : graph.nodes()) {
            lines.add(node.statement());
            node.outputs().stream().filter(values::contains).forEach(v -> {
                lines.add("shape_" + v + " = torch.tensor(torch.size(" + v + "))");
                shapes.add("shape_" + v);
            });
        }
        shapes.sort(java.util.Comparator.comparingInt(s -> values.indexOf(s.substring("shape_".length()))));
        lines.add("return " + list(shapes));
        return method("adacache_probe", String.join(", ", parameters), "List[Tensor]", lines, new StringBuilder());
    }

    private static String list(List<String> items) {
        return "[" + String.join(", ", items) + "]";
    }

    private void method(String name, String parameters, String returns, List<String> lines) {
        method(name, self + ", " + parameters, returns, lines, text);
    }

    private static String method(
            String name, String parameters, String returns, List<String> lines, StringBuilder into) {
        into.append("  def ")
                .append(name)
                .append("(")
                .append(parameters)
                .append(") -> ")
                .append(returns)
                .append(":\n");
        lines.forEach(l -> into.append("    ").append(l).append('\n'));
        return into.toString();
    }

    /** Used only in messages. */
    static String shown(Expr expr) {
        String text = expr.toString();
        return text.length() > 80 ? text.substring(0, 80) + "..." : text;
    }
}
