package io.adacache.djl.instrument.graph;

import io.adacache.djl.archive.PickledObject;
import io.adacache.djl.archive.Tensor;
import io.adacache.djl.instrument.syntax.Expr;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Stored tensors with a line for each frame or token, such as a position embedding. They travel in the context, so that a device that
 * holds a part of the tokens can have its own lines.
 */
final class Tables {
    static final Tables NONE = new Tables(List.of(), List.of(), Set.of());

    private static final Set<String> LINE_BY_LINE = Set.of("add", "sub", "mul", "slice", "to", "unsqueeze", "expand");
    private static final Pattern CONSTANT = Pattern.compile("CONSTANTS\\.c([0-9]{1,6})");

    /** By the text under which one is stored, what finds it in a statement. */
    private final Map<String, Pattern> found = new LinkedHashMap<>();

    /**
     * Looks for them.
     *
     * @param nodes the operations that may read one
     * @param program where they are stored
     * @param counts how many lines one may have
     */
    static Tables of(List<Node> nodes, Program program, Set<Long> counts) {
        List<Object> stored = new ArrayList<>(program.constants());
        stored.add(program.root());
        return new Tables(nodes, stored, counts);
    }

    /** The constants by their numbers, and the root module last. */
    private Tables(List<Node> nodes, List<Object> stored, Set<Long> counts) {
        for (Node node : nodes) {
            for (int i = 0; LINE_BY_LINE.contains(node.shortOp()) && i < 2; i++) {
                Expr operand = node.argument(i);
                if (operand != null && at(operand, stored) instanceof Tensor tensor && counts(tensor, counts)) {
                    String text = operand.toString();
                    found.put(text, Pattern.compile("(?<![\\w.])" + Pattern.quote(text) + "(?![\\w.])"));
                }
            }
        }
    }

    private static boolean counts(Tensor tensor, Set<Long> counts) {
        List<Long> shape = tensor.shape();
        return shape.size() > 1
                && shape.subList(0, shape.size() - 1).stream().anyMatch(size -> size > 1 && counts.contains(size));
    }

    private static @Nullable Object at(Expr path, List<Object> stored) {
        Matcher constant = CONSTANT.matcher(path.toString());
        int number = constant.matches() ? Integer.parseInt(constant.group(1)) : -1;
        if (number >= 0) {
            return number + 1 < stored.size() ? stored.get(number) : null;
        }
        return stored.get(stored.size() - 1) instanceof PickledObject root ? Conditions.stored(path, root) : null;
    }

    /** Whether a value is one of them, under the text by which it is stored. */
    boolean holds(String text) {
        return found.containsKey(text);
    }

    /** A statement that reads them out of the context. */
    String lent(String statement, Slots slots) {
        String lent = statement;
        for (Map.Entry<String, Pattern> table : found.entrySet()) {
            Matcher reads = table.getValue().matcher(lent);
            if (reads.find()) {
                lent = reads.replaceAll("context[" + slots.tensor(table.getKey()) + "]");
            }
        }
        return lent;
    }
}
