package io.adacache.djl.instrument.graph;

import io.adacache.djl.archive.Tensor;
import io.adacache.djl.instrument.syntax.ClassDef;
import io.adacache.djl.instrument.syntax.Expr;
import io.adacache.djl.instrument.syntax.FunctionDef;
import io.adacache.layout.ResidualKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The residual spine of a program, and the slices between its additions. What the rest of the package sees of a graph. */
public final class Spine {
    private static final Set<String> CONTRACT = Set.of("embed", "run", "modulated", "head");
    private static final Set<String> OF_PARTS = Set.of("part", "share", "run_shared");
    private static final Set<String> CONTRACT_AND_PARTS =
            Stream.concat(CONTRACT.stream(), OF_PARTS.stream()).collect(Collectors.toUnmodifiableSet());

    /** A site as far as the text tells: kind, block, module path, file and line, and how many streams it changes. */
    public record SiteText(
            int index, ResidualKind kind, int block, String where, String line, int streams, int merged) {}

    private final Program program;
    private final Graph graph;
    private final Flow flow;
    private final Cut cut;
    private final Segments segments;
    private @Nullable Probe probe;

    private final String latent;

    private final Map<String, Tensor> given;
    private final boolean apart;

    private Spine(Program program, Map<String, Tensor> given, @Nullable String named, boolean apart) {
        this.program = program;
        this.given = given;
        this.apart = apart;
        ClassDef root = program.rootClass();
        if (program.ready()) {
            throw new NotUnderstood(
                    "the file carries a manifest adacache.json: it is AdaCache-ready already", Remedy.LOAD);
        }
        for (String name : CONTRACT) {
            if (root.attributes().containsKey(name)) {
                throw new NotUnderstood(
                        "the root class has an attribute " + name + ", which hides the contract's method of that name",
                        Remedy.WRAP);
            }
        }
        Graph flat = FilledTokens.joined(Samples.joined(Inliner.flatten(program)));
        Memory.Settled settled = Memory.settle(flat.nodes());
        Graph live = flat.live(settled);
        this.graph = live.with(PartSums.joined(live));
        this.flow = new Flow(graph, settled.changedBefore());
        this.latent = Latents.guess(graph, given, named);
        Trunk trunk = new Trunk(flow, new Glue(flow), latent, apart);
        this.cut = new Cut(trunk, settled.clusters());
        this.segments = new Segments(cut, settled.clusters());
    }

    /**
     * Finds the spine.
     *
     * @param given inputs of a call by name, as far as they are known
     * @param latent name of the input that is the latent, or null if it is to be found
     * @throws NotUnderstood if there is none, or it cannot be cut
     */
    public static Spine find(Program program, Map<String, Tensor> given, @Nullable String latent) {
        return new Spine(program, given.isEmpty() ? program.tracedByName() : given, latent, false);
    }

    /** The spine with every part of what streams start as joined for a stream of its own; null if there is no other. */
    public @Nullable Spine apart() {
        if (apart) {
            return null;
        }
        try {
            Spine other = new Spine(program, given, inputs().get(latent()), true);
            return other.streams() == streams() ? null : other;
        } catch (NotUnderstood e) {
            return null;
        }
    }

    /** Position of the latent among the inputs. */
    public int latent() {
        return graph.inputs().stream().map(Graph.Input::value).toList().indexOf(latent);
    }

    /**
     * Methods of the root class that give way to the contract's: those of the same names, which a tracer keeps where a module
     * exports them, and whatever calls them. What forward calls stays.
     */
    public List<FunctionDef> replaced() {
        return OwnMethods.of(program).replaced(CONTRACT_AND_PARTS);
    }

    /**
     * The root class's text up to its end, with other names for methods that forward calls and that are called as the contract's are.
     *
     * @param first where the class's first method begins
     */
    public String renamed(String text, int first) {
        return OwnMethods.of(program).renamed(text, first, CONTRACT_AND_PARTS);
    }

    /** An attribute of the root class that hides one of the contract's methods for parts; null if none does. */
    public @Nullable String hidesParts() {
        return OF_PARTS.stream()
                .filter(program.rootClass().attributes()::containsKey)
                .findFirst()
                .orElse(null);
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

    /** How many tensors forward hands back in a list; 0 if it does not. */
    public int listed() {
        return graph.listed();
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
        return new SiteTexts(cut, segments).sites();
    }

    /** Residual additions that are no sites, for they lie in front of the streams, behind them or beside them; with their lines. */
    public List<String> outside() {
        return cut.trunk().outside().stream()
                .map(v -> java.util.Objects.requireNonNull(graph.producer(v)).line())
                .toList();
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
                        found.merge("dtype " + Dtypes.name(text), 1, Integer::sum);
                    }
                    position++;
                }
            }
        }
        return found;
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

    /** The values of the state at a cut. */
    public List<String> state(int cutIndex) {
        return cut.states().get(cutIndex);
    }

    /** A method {@code adacache_probe(inputs)} that computes forward and looks at values along the spine. */
    public String probeCode() {
        probe = new Probe(cut, segments);
        return probe.code(program.root().type());
    }

    /** What the sites do in forward: for verification. */
    public Observed observed() {
        return new Observed(cut, segments, program.root().type());
    }

    /** What the probe's results mean. */
    public Probed probed(List<long[]> results) {
        return java.util.Objects.requireNonNull(probe, "the probe was not written")
                .probed(results);
    }

    /** A method {@code adacache_start(inputs)} that returns the state before the first site. */
    public String startCode() {
        SliceWriter w = new SliceWriter(cut, new Slots(Tables.NONE), Probed.NOTHING, true);
        Methods methods = new Methods(program.root().type());
        String parameters = Methods.inputs(graph, w);
        if (graph.nodes().stream().anyMatch(Operators::mutates)) {
            // What the start does not read may take over a dtype that only a probe tells.
            Set<String> wanted = flow.between(Set.copyOf(cut.states().get(0)), -1, Set.of());
            w.write(segments.of(Segments.EMBED).stream()
                    .filter(n -> n.outputs().stream().anyMatch(wanted::contains))
                    .toList());
        }
        cut.states().get(0).forEach(w::need);
        w.line("return [" + String.join(", ", cut.states().get(0)) + "]");
        methods.add("adacache_start", parameters, "List[Tensor]", w.lines());
        return methods.text();
    }

    /**
     * Writes the contract's methods.
     *
     * @param probed what one call has shown
     * @param start how the streams lie at their start
     * @param counts of frames, of tokens in a frame, and of all tokens of the video
     * @throws NotUnderstood if a slice needs what it cannot have
     */
    public Written write(Probed probed, Start start, Set<Long> counts) {
        Tables tables = Tables.of(graph.nodes(), program, counts);
        CodeWriter writer = new CodeWriter(
                cut, segments, probed, start, tables, program.root().type());
        String code = writer.write();
        Map<Integer, Integer> ids = new HashMap<>();
        for (int k = 0; k <= cut.sites().size(); k++) {
            ids.put(k, writer.layouts().id(k));
        }
        Set<Integer> channels = new TreeSet<>();
        List<Slots.Size> sizes = writer.slots().sizes();
        for (int i = 0; i < sizes.size(); i++) {
            int rank = probed.rank(sizes.get(i).value());
            if (rank > 2 && sizes.get(i).dimension() == rank - 1) {
                channels.add(i + 1);
            }
        }
        return new Written(code, writer.layouts().distinct().size(), ids, writer.shared(), channels, writer.slots());
    }

    /**
     * What was written.
     *
     * @param code the methods' text
     * @param layouts the number of layouts along the spine
     * @param layoutAt the layout at each cut
     * @param shared sites whose attention can be shared
     * @param channels which of the sizes in the context, counted from 1, are last dimensions
     * @param slots what travels in the context
     */
    public record Written(
            String code,
            int layouts,
            Map<Integer, Integer> layoutAt,
            List<Integer> shared,
            Set<Integer> channels,
            Slots slots) {}

    /**
     * Methods {@code adacache_context(inputs) -> List[Tensor]}: what {@code embed} hands on beside the hidden state; and
     * {@code adacache_keys(site, hidden, context) -> Tensor}: what a site whose attention can be shared has to say of its tokens.
     */
    public String contextCode(Written written) {
        Methods methods = new Methods(program.root().type());
        String parameters = String.join(
                ", ", inputs().stream().map(name -> "in_" + name + ": Tensor").toList());
        String all =
                String.join(", ", inputs().stream().map(name -> "in_" + name).toList());
        methods.add(
                "adacache_context",
                parameters,
                "List[Tensor]",
                List.of("hidden, context, = (self).embed(" + all + ")", "return context"));
        List<String> keys = new ArrayList<>(List.of("keys = hidden"));
        for (int site : written.shared()) {
            keys.add("if torch.eq(site, " + site + "):");
            keys.add("  keys = (self).adacache_share_" + site + "((self).adacache_open(" + site
                    + ", hidden, context), context)");
        }
        keys.add("return keys");
        methods.add("adacache_keys", "site: int, hidden: Tensor, context: List[Tensor]", "Tensor", keys);
        return methods.text();
    }

    /**
     * Writes the methods for members that hold a part of a call's frames.
     *
     * @param axes of the latent: its dimensions of batch, frames, rows and columns
     * @param patch latent frames, rows and columns per token
     * @param sizes what each size that {@code embed} hands on is a multiple of
     * @param tensors likewise each dimension of the tensors that it hands on
     * @param behind sites where the tokens that belong to no frame lie behind the video's when they meet
     */
    public String partCode(
            Written written,
            int[] axes,
            int[] patch,
            List<Extent> sizes,
            List<List<Extent>> tensors,
            Set<Integer> behind) {
        Map<Integer, Integer> layouts = new HashMap<>();
        written.shared()
                .forEach(site -> layouts.put(
                        site,
                        java.util.Objects.requireNonNull(written.layoutAt().get(site + 1))));
        PartCode.Context context =
                new PartCode.Context(graph.inputs().get(latent()).value(), axes, patch, sizes, tensors, behind);
        return new PartCode(program.root().type(), written.slots(), context, layouts, written.shared()).write();
    }
}
