package io.adacache.djl.instrument.graph;

import io.adacache.djl.instrument.syntax.Expr;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
    private final List<At> counted = new ArrayList<>();
    private final List<At> reading = new ArrayList<>();
    private final Set<String> uncounted = new TreeSet<>();

    /** An operation, and the segment or site that it belongs to. */
    private record At(Node node, int segment) {}

    Observed(Cut cut, Segments segments, String rootType) {
        this.cut = cut;
        this.graph = cut.flow().graph();
        this.rootType = rootType;
        for (int segment = Segments.EMBED; segment <= cut.sites().size(); segment++) {
            List<Node> nodes = segments.of(segment);
            for (Node node : nodes) {
                if (count(node) != null) {
                    counted.add(new At(node, segment));
                } else if (node.op().equals("call") || node.shortOp().equals("einsum")) {
                    uncounted.add(node.shortOp());
                }
            }
            if (segment >= 0 && segment < cut.sites().size()) {
                first(segment, nodes);
            }
        }
        Comparator<At> order = Comparator.comparingInt(at -> at.node().id());
        counted.sort(order);
        reading.sort(order);
    }

    private void first(int site, List<Node> nodes) {
        for (Node node : nodes) {
            if (node.op().equals("call")) {
                return;
            }
            String input = Operators.PROJECTIONS.contains(node.shortOp()) ? node.value(data(node)) : null;
            if (input != null && cut.isHidden(input)) {
                reading.add(new At(node, site));
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
        return counted.stream().map(At::segment).toList();
    }

    /** Operators that are not counted although they may hold products. */
    public Set<String> uncounted() {
        return uncounted;
    }

    /** The sites whose first projection is told by {@code adacache_read}, in the order of its results. */
    public List<Integer> readingSites() {
        return reading.stream().map(At::segment).toList();
    }

    /**
     * Methods {@code adacache_count(inputs) -> List[Tensor]}: floating point operations of each counted operation, a multiply-add
     * counting 2; and {@code adacache_read(inputs) -> List[Tensor]}.
     */
    public String code() {
        Methods methods = new Methods(rootType);
        Walk walk = new Walk(cut, methods);
        Map<String, String> counts = new HashMap<>();
        counted.forEach(at -> counts.put(at.node().output(), "torch.tensor([" + count(at.node()) + "])"));
        walk.write("adacache_count", counts);
        Map<String, String> read = new HashMap<>();
        reading.forEach(
                at -> read.put(at.node().output(), "torch.clone(" + at.node().value(data(at.node())) + ")"));
        walk.write("adacache_read", read);
        return methods.text();
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
