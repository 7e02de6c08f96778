package io.adacache.djl.instrument.graph;

import io.adacache.djl.instrument.syntax.Expr;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One operation of the flat graph. Values have names {@code v0, v1, ...} that are assigned once.
 *
 * @param id position in the order of execution
 * @param op the operator's dotted name, such as {@code torch.add}; {@code unpack}, {@code index} or {@code call} otherwise
 * @param expr the expression, printable as it is
 * @param outputs names of the values that it defines; several for an unpacking
 * @param uses names of the values that it reads
 * @param path where the operation came from, as the dotted path of the module, empty for the root
 * @param line file and line, for messages
 */
record Node(int id, String op, Expr expr, List<String> outputs, Set<String> uses, String path, String line) {
    /** The value that the node defines. */
    String output() {
        return outputs.get(0);
    }

    /** The argument at a position, or null if there is none. */
    @org.jspecify.annotations.Nullable
    Expr argument(int position) {
        if (!(expr instanceof Expr.Call call)) {
            return null;
        }
        int at = 0;
        for (Expr.Argument argument : call.arguments()) {
            if (argument.name() == null && at++ == position) {
                return argument.value();
            }
        }
        return null;
    }

    /** The text of an argument, or of its default: where it is None, or left out, as scripts leave out what is a default. */
    String written(int position, String otherwise) {
        String text = String.valueOf(argument(position));
        return text.equals("null") || text.equals("None") ? otherwise : text;
    }

    /** The argument at a position, if it is a value of the graph. */
    @org.jspecify.annotations.Nullable
    String value(int position) {
        return argument(position) instanceof Expr.Name n && uses.contains(n.id()) ? n.id() : null;
    }

    /** The operator without its name space. */
    String shortOp() {
        return op.substring(op.lastIndexOf('.') + 1);
    }

    String statement() {
        return statement(Map.of());
    }

    /** The node as text, with other expressions in place of some of the values that it reads. */
    String statement(Map<String, Expr> replaced) {
        Expr written = Names.replace(expr, replaced);
        if (outputs.isEmpty()) {
            return written.toString();
        }
        return op.equals("unpack") ? String.join(", ", outputs) + ", = " + written : output() + " = " + written;
    }
}
