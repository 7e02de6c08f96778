package io.adacache.djl.instrument.graph;

import io.adacache.djl.instrument.syntax.ClassDef;
import io.adacache.djl.instrument.syntax.Expr;
import io.adacache.djl.instrument.syntax.FunctionDef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The residual spine of a program, and the slices between its additions. What the rest of the package sees of a graph. */
public final class Spine {
    private static final Set<String> CONTRACT = Set.of("embed", "run", "modulated", "head");

    /** A site as far as the text tells: kind, block, module path, file and line, and how many streams it changes. */
    public record SiteText(int index, String kind, int block, String where, String line, int streams, int merged) {}

    private final Program program;
    private final Graph graph;
    private final Flow flow;
    private final Streams streams;
    private final Cut cut;

    private Spine(Program program) {
        this.program = program;
        ClassDef root = program.rootClass();
        if (program.ready()) {
            throw new NotUnderstood("the file carries a manifest adacache.json: it is AdaCache-ready already");
        }
        for (String name : CONTRACT) {
            if (root.attributes().containsKey(name)) {
                throw new NotUnderstood(
                        "the root class has an attribute " + name
                                + ", which hides the contract's method of that name; wrap the module in another one and trace that");
            }
        }
        Graph flat = Inliner.flatten(program);
        Effects.Settled settled = Effects.settle(flat.nodes());
        this.graph = new Graph(flat.inputs(), settled.nodes(), flat.output(), flat.tupled());
        this.flow = new Flow(graph);
        this.streams = new Streams(flow);
        this.cut = new Cut(flow, streams, settled.pinned());
    }

    /**
     * Finds the spine.
     *
     * @throws NotUnderstood if there is none, or it cannot be cut
     */
    public static Spine find(Program program) {
        return new Spine(program);
    }

    /**
     * Methods of the root class that give way to the contract's: those of the same names, which a tracer keeps where a module
     * exports them, and whatever calls them. Forward never is one, for it calls submodules only.
     */
    public List<FunctionDef> replaced() {
        Map<String, FunctionDef> methods = program.rootClass().methods();
        Set<String> gone = new LinkedHashSet<>(CONTRACT);
        gone.retainAll(methods.keySet());
        boolean more = !gone.isEmpty();
        while (more) {
            more = false;
            for (FunctionDef method : methods.values()) {
                boolean calls =
                        !method.name().equals("forward") && gone.stream().anyMatch(name -> calls(method, name));
                more |= calls && gone.add(method.name());
            }
        }
        return gone.stream().map(methods::get).toList();
    }

    private boolean calls(FunctionDef method, String name) {
        String text = program.textOf(method.file()).substring(method.start(), method.end());
        return text.contains(")." + name + "(") || text.contains("." + name + "(");
    }

    /** Names of forward's inputs, in order. */
    public List<String> inputs() {
        return graph.inputs().stream().map(Graph.Input::name).toList();
    }

    /** Inputs that no operation reads: what they meant was baked into the file when it was traced. */
    public List<String> unreadInputs() {
        return graph.inputs().stream()
                .filter(i -> graph.users(i.value()).stream()
                        .allMatch(n -> n.outputs().stream().allMatch(flow::isSize)))
                .map(Graph.Input::name)
                .toList();
    }

    /** Inputs whose numbers the state before the first site depends on. */
    public Set<Integer> inputsOfStart() {
        Set<Integer> found = new TreeSet<>();
        for (String start : cut.states().get(0)) {
            Set<String> from = flow.between(start, graph.inputs().get(0).value());
            for (int i = 0; i < graph.inputs().size(); i++) {
                if (from.contains(graph.inputs().get(i).value())) {
                    found.add(i);
                }
            }
        }
        return found;
    }

    /** Inputs that pass through a sine or cosine: the timestep, and conditions like it. */
    public Set<Integer> periodicInputs() {
        Set<Integer> found = new TreeSet<>();
        for (int i = 0; i < graph.inputs().size(); i++) {
            Set<String> reached =
                    new LinkedHashSet<>(Set.of(graph.inputs().get(i).value()));
            for (Node node : graph.nodes()) {
                if (flow.data(node).stream().anyMatch(reached::contains)) {
                    if (node.shortOp().equals("sin") || node.shortOp().equals("cos")) {
                        found.add(i);
                    }
                    if (!Operators.PROJECTIONS.contains(node.shortOp())) {
                        reached.addAll(node.outputs());
                    }
                }
            }
        }
        return found;
    }

    /** Inputs that are looked up in a table. */
    public Set<Integer> lookedUpInputs() {
        Set<Integer> found = new TreeSet<>();
        for (int i = 0; i < graph.inputs().size(); i++) {
            String value = graph.inputs().get(i).value();
            boolean looked = graph.nodes().stream()
                    .anyMatch(n -> n.shortOp().equals("embedding")
                            && flow.between(n.output(), value).contains(value));
            if (looked) {
                found.add(i);
            }
        }
        return found;
    }

    /** Whether forward hands its result back inside a tuple. */
    public boolean tupled() {
        return graph.tupled();
    }

    /** Number of operations after flattening. */
    public int operations() {
        return graph.nodes().size();
    }

    /** Number of streams that make up the hidden state before the first site. */
    public int streams() {
        return cut.states().get(0).size();
    }

    /** The sites in order. */
    public List<SiteText> sites() {
        List<SiteText> sites = new ArrayList<>();
        int attentions = 0;
        boolean swapped = false;
        boolean grouped = false;
        for (int k = 0; k < cut.sites().size(); k++) {
            grouped |= !glue(k).isEmpty() && streams() == 1;
        }
        for (int k = 0; k < cut.sites().size(); k++) {
            SiteFacts facts = new SiteFacts(cut, k);
            SiteFacts.Kind kind = facts.kind();
            swapped ^= swaps(k);
            attentions += kind == SiteFacts.Kind.SELF_ATTENTION ? 1 : 0;
            int block = facts.block();
            if (block < 0 && kind != SiteFacts.Kind.POSITION) {
                block = Math.max(0, attentions - 1);
            }
            List<StreamAdd> adds = cut.sites().get(k);
            int changed = (int) adds.stream().map(cut::streamOf).distinct().count();
            String line = adds.get(0).node().line();
            sites.add(new SiteText(
                    k,
                    name(kind, facts, grouped, swapped),
                    block,
                    facts.where(),
                    line,
                    changed,
                    adds.size() - changed + 1));
        }
        // A position term belongs to the block before whose first residual it is added.
        for (int k = sites.size() - 1; k >= 0; k--) {
            SiteText s = sites.get(k);
            if (s.block() < 0) {
                int block = k + 1 < sites.size() ? sites.get(k + 1).block() : 0;
                sites.set(k, new SiteText(k, s.kind(), block, s.where(), s.line(), s.streams(), s.merged()));
            }
        }
        return sites;
    }

    private static String name(SiteFacts.Kind kind, SiteFacts facts, boolean grouped, boolean swapped) {
        return switch (kind) {
            case SELF_ATTENTION -> attention(facts.rearranged(), grouped, swapped);
            case CROSS_ATTENTION -> "cross-attention";
            case MLP -> "mlp";
            case POSITION -> "position";
        };
    }

    /** Over all tokens; or over groups of neighbours, which are frames; or over groups after an exchange, which are places. */
    private static String attention(SiteFacts.Rearranged here, boolean grouped, boolean swapped) {
        if (!grouped && !here.grouped()) {
            return "joint-attention";
        }
        return here.swapped() ^ swapped ? "temporal-attention" : "spatial-attention";
    }

    private boolean swaps(int site) {
        boolean swaps = false;
        List<StreamAdd> adds = cut.sites().get(site);
        for (Node node : cut.glue(adds.get(adds.size() - 1), cut.states().get(site))) {
            swaps ^= SiteFacts.swapsTokens(node);
        }
        return swaps;
    }

    /** What the hidden state goes through between the additions of neighbouring sites, in words. */
    public String glue(int site) {
        List<String> ops = new ArrayList<>();
        for (StreamAdd add : cut.sites().get(site)) {
            cut.glue(add, cut.states().get(site)).forEach(n -> ops.add(n.shortOp()));
        }
        return String.join(" > ", ops);
    }

    /** Device literals and dtype codes in the traced code, with how often they occur. */
    public Map<String, Integer> baked() {
        Map<String, Integer> found = new TreeMap<>();
        for (Node node : graph.nodes()) {
            if (node.expr() instanceof Expr.Call call) {
                int position = 0;
                for (Expr.Argument argument : call.arguments()) {
                    String text = argument.value().toString();
                    if (text.startsWith("torch.device(")) {
                        found.merge("device " + text, 1, Integer::sum);
                    }
                    boolean code =
                            "dtype".equals(argument.name()) || (node.shortOp().equals("to") && position == 1);
                    if (code && text.matches("[0-9]+")) {
                        found.merge("dtype " + dtype(text), 1, Integer::sum);
                    }
                    position++;
                }
            }
        }
        return found;
    }

    private static String dtype(String code) {
        return switch (code) {
            case "0" -> "uint8";
            case "1" -> "int8";
            case "3" -> "int32";
            case "4" -> "int64";
            case "5" -> "float16";
            case "6" -> "float32";
            case "7" -> "float64";
            case "11" -> "bool";
            case "15" -> "bfloat16";
            default -> "code " + code;
        };
    }

    /** Integer literals that operations behind a given input carry, for the question whether a size was baked in. */
    public boolean literalBehind(int input, long size) {
        String start = graph.inputs().get(input).value();
        Set<String> reached = flow.descendants(Set.of(start));
        String literal = Long.toString(size);
        for (Node node : graph.nodes()) {
            if (node.shortOp().equals("to")) {
                continue;
            }
            boolean behind = node.uses().stream().anyMatch(reached::contains)
                    && !cut.isHidden(node.outputs().isEmpty() ? "" : node.output());
            if (behind && literals(node.expr()).contains(literal)) {
                return true;
            }
        }
        return false;
    }

    private static Set<String> literals(Expr expr) {
        Set<String> found = new LinkedHashSet<>();
        if (expr instanceof Expr.Call call) {
            call.arguments().forEach(a -> {
                if ("dtype".equals(a.name())) {
                    return;
                }
                if (a.value() instanceof Expr.Literal l) {
                    found.add(l.text());
                } else if (a.value() instanceof Expr.ListOf list) {
                    list.items().forEach(i -> found.add(i.toString()));
                }
            });
        }
        return found;
    }

    /** Values whose shapes {@link #write} must know. */
    public List<String> probed() {
        Set<String> values = new LinkedHashSet<>(cut.states().get(0));
        for (int k = 0; k < cut.sites().size(); k++) {
            values.addAll(cut.states().get(k + 1));
            for (StreamAdd add : cut.sites().get(k)) {
                cut.glue(add, cut.states().get(k)).forEach(n -> values.add(n.output()));
            }
        }
        return List.copyOf(values);
    }

    /** The values of the state at a cut. */
    public List<String> state(int cutIndex) {
        return cut.states().get(cutIndex);
    }

    /** A method {@code adacache_probe(inputs)} that computes forward and returns {@link #probed()}. */
    public String probeCode() {
        return CodeWriter.probe(cut, program.root().type(), probed());
    }

    /** A method {@code adacache_start(inputs)} that returns the state before the first site. */
    public String startCode() {
        SliceWriter w = new SliceWriter(cut, new Slots(), true);
        List<String> parameters =
                new ArrayList<>(List.of("self: " + program.root().type()));
        for (Graph.Input input : graph.inputs()) {
            parameters.add("in_" + input.name() + ": Tensor");
            w.line(input.value() + " = in_" + input.name());
            w.given(input.value());
        }
        cut.states().get(0).forEach(w::need);
        w.line("return [" + String.join(", ", cut.states().get(0)) + "]");
        StringBuilder text =
                new StringBuilder("  def adacache_start(" + String.join(", ", parameters) + ") -> List[Tensor]:\n");
        w.lines().forEach(l -> text.append("    ").append(l).append('\n'));
        return text.toString();
    }

    /**
     * Writes the contract's methods.
     *
     * @param shapes of {@link #probed()}, from one call
     * @param form how the state before the first site lies
     * @param text which stream holds the text, where there are two
     * @param latent position of the latent among the inputs
     * @throws NotUnderstood if a slice needs what it cannot have
     */
    public Written write(Map<String, long[]> shapes, StartForm form, int text, int latent) {
        cut.ranks(shapes);
        Layouts layouts = new Layouts(cut, shapes);
        int rank = shapes.get(cut.states().get(0).get(0)).length;
        boolean textFirst = streams.joint() == null || text == 0;
        LayoutWriter layoutWriter = new LayoutWriter(cut, form, text, textFirst).about(latent, rank);
        String code = new CodeWriter(cut, layouts, layoutWriter, program.root().type()).write();
        Map<Integer, Integer> ids = new HashMap<>();
        for (int k = 0; k <= cut.sites().size(); k++) {
            ids.put(k, layouts.id(k));
        }
        return new Written(code, layouts.distinct().size(), ids);
    }

    /** The methods' text, the number of layouts along the spine, and the layout at each cut. */
    public record Written(String code, int layouts, Map<Integer, Integer> layoutAt) {}
}
