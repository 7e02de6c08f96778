package io.adacache.djl.instrument.graph;

import io.adacache.djl.instrument.syntax.Expr;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Methods that compute forward, operation by operation, and look at what the sites do in it: how many operations products and
 * convolutions take, and what the first projection of each site reads. Written into files for verification only.
 */
public final class Observed {
    private static final Set<String> CONVOLUTIONS = Set.of("conv1d", "conv2d", "conv3d", "_convolution");

    private final Cut cut;
    private final Graph graph;
    private final String rootType;
    private final List<Node> counted = new ArrayList<>();
    private final List<Integer> segmentOf = new ArrayList<>();
    private final List<Node> reading = new ArrayList<>();
    private final List<Integer> readingSites = new ArrayList<>();
    private final Set<String> uncounted = new TreeSet<>();

    Observed(Cut cut, Segments segments, String rootType) {
        this.cut = cut;
        this.graph = cut.flow().graph();
        this.rootType = rootType;
        for (int segment = Segments.EMBED; segment <= cut.sites().size(); segment++) {
            List<Node> nodes = segments.of(segment);
            for (Node node : nodes) {
                if (count(node) != null) {
                    counted.add(node);
                    segmentOf.add(segment);
                } else if (node.op().equals("call") || node.shortOp().equals("einsum")) {
                    uncounted.add(node.shortOp());
                }
            }
            if (segment >= 0 && segment < cut.sites().size()) {
                first(segment, nodes);
            }
        }
    }

    private void first(int site, List<Node> nodes) {
        for (Node node : nodes) {
            if (node.op().equals("call")) {
                return;
            }
            String input = Operators.PROJECTIONS.contains(node.shortOp()) ? node.value(data(node)) : null;
            if (input != null && cut.isHidden(input)) {
                reading.add(node);
                readingSites.add(site);
                return;
            }
        }
    }

    /** Position of the argument that is projected. */
    private static int data(Node node) {
        return node.shortOp().equals("addmm") || node.shortOp().equals("baddbmm") ? 1 : 0;
    }

    /** The segment of each counted operation: -1 for embed, a site, or the number of sites for the head. */
    public List<Integer> segments() {
        return List.copyOf(segmentOf);
    }

    /** Operators that are not counted although they may hold products. */
    public Set<String> uncounted() {
        return uncounted;
    }

    /** The sites whose first projection is told by {@code adacache_read}, in the order of its results. */
    public List<Integer> readingSites() {
        return List.copyOf(readingSites);
    }

    /**
     * Methods {@code adacache_count(inputs) -> Tensor}: floating point operations of each counted operation, a multiply-add counting
     * 2; and {@code adacache_read(inputs) -> List[Tensor]}.
     */
    public String code() {
        Methods methods = new Methods(rootType);
        List<String> counts = new ArrayList<>();
        counted.forEach(node -> counts.add("n_" + node.output()));
        if (!counts.isEmpty()) {
            method(methods, "adacache_count", "Tensor", true, "torch.tensor(" + Methods.list(counts) + ")");
        }
        List<String> read = new ArrayList<>();
        reading.forEach(node -> read.add("torch.clone(" + node.value(data(node)) + ")"));
        if (!read.isEmpty()) {
            method(methods, "adacache_read", "List[Tensor]", false, Methods.list(read));
        }
        return methods.text();
    }

    private void method(Methods methods, String name, String returns, boolean counting, String result) {
        SliceWriter w = new SliceWriter(cut, new Slots(Tables.NONE), Probed.NOTHING, true);
        String parameters = Methods.inputs(graph, w);
        for (Node node : graph.nodes()) {
            w.line(node.statement());
            String count = counting ? count(node) : null;
            if (count != null) {
                w.line("n_" + node.output() + " = " + count);
            }
        }
        w.line("return " + result);
        methods.add(name, parameters, returns, w.lines());
    }

    private static @Nullable String count(Node node) {
        Expr first = node.argument(0);
        Expr second = node.argument(1);
        if (first == null || second == null || node.outputs().size() != 1) {
            return null;
        }
        String op = node.shortOp();
        String out = numel(node.output());
        if (op.equals("linear")) {
            return twice(numel(first.toString()), "torch.size(" + second + ", 0)");
        }
        if (op.equals("addmm") || op.equals("baddbmm")) {
            return twice(out, "torch.size(" + second + ", -1)");
        }
        if (op.equals("matmul") || op.equals("mm") || op.equals("bmm")) {
            return twice(out, "torch.size(" + first + ", -1)");
        }
        if (CONVOLUTIONS.contains(op)) {
            return twice(out, "torch.floordiv(" + numel(second.toString()) + ", torch.size(" + second + ", 0))");
        }
        if (op.equals("scaled_dot_product_attention")) {
            return twice("torch.add(" + numel(first.toString()) + ", " + out + ")", "torch.size(" + second + ", -2)");
        }
        return null;
    }

    private static String numel(String value) {
        return "torch.numel(" + value + ")";
    }

    private static String twice(String a, String b) {
        return "torch.mul(2, torch.mul(" + a + ", " + b + "))";
    }
}
