package io.adacache.djl.instrument.graph;

import io.adacache.djl.archive.PickledObject;
import io.adacache.djl.instrument.syntax.Expr;
import io.adacache.djl.instrument.syntax.Stmt;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Conditions that a file has settled: a module's own flags, numbers and words, and whether something is absent. */
final class Conditions {
    private static final Set<String> COMPARISONS =
            Set.of("torch.eq", "torch.ne", "torch.lt", "torch.le", "torch.gt", "torch.ge");

    private final PickledObject root;
    private final Set<String> computed = new HashSet<>();

    Conditions(PickledObject root) {
        this.root = root;
    }

    /** Notes that an operation has computed a value, which therefore is not absent. */
    void computed(String value) {
        computed.add(value);
    }

    /** The branch that a conditional takes, or null if that depends on the call. */
    @Nullable
    List<Stmt> branch(Stmt.If conditional, Map<String, Meaning> scope) {
        Boolean holds = holds(conditional.condition(), scope);
        if (holds != null) {
            return holds ? conditional.then() : conditional.otherwise();
        }
        // A branch that only complains is a check of the inputs.
        if (raises(conditional.then())) {
            return conditional.otherwise();
        }
        return raises(conditional.otherwise()) ? conditional.then() : null;
    }

    private static boolean raises(List<Stmt> body) {
        return !body.isEmpty()
                && body.get(0) instanceof Stmt.Effect e
                && e.value().toString().contains("RaiseException(");
    }

    private @Nullable Boolean holds(Expr condition, Map<String, Meaning> scope) {
        if (condition instanceof Expr.Literal l) {
            return l.text().equals("True") ? Boolean.TRUE : l.text().equals("False") ? Boolean.FALSE : null;
        }
        if (condition instanceof Expr.Name name && scope.get(name.id()) instanceof Meaning.Plain plain) {
            return plain.expr().equals(condition) ? null : flag(plain.expr());
        }
        if (condition instanceof Expr.Attribute attribute
                && attribute.base() instanceof Expr.Name base
                && scope.get(base.id()) instanceof Meaning.Module module) {
            return flag(new Expr.Attribute(module.path(), attribute.name()));
        }
        return condition instanceof Expr.Call call ? holds(call, scope) : null;
    }

    /** Whether a comparison or the like holds; null if that depends on the call, or if the call is no such thing. */
    @Nullable
    Boolean holds(Expr.Call call, Map<String, Meaning> scope) {
        String name = String.valueOf(call.callee().dottedName());
        List<Expr.Argument> arguments = call.arguments();
        if (name.equals("torch.__not__") && arguments.size() == 1) {
            Boolean holds = holds(arguments.get(0).value(), scope);
            return holds == null ? null : !holds;
        }
        if (arguments.size() == 2 && (name.equals("torch.__and__") || name.equals("torch.__or__"))) {
            Boolean left = holds(arguments.get(0).value(), scope);
            Boolean right = holds(arguments.get(1).value(), scope);
            boolean and = name.equals("torch.__and__");
            return left == null || right == null ? null : Boolean.valueOf(and ? left && right : left || right);
        }
        if (arguments.size() == 2 && COMPARISONS.contains(name)) {
            return compared(name, arguments.get(0).value(), arguments.get(1).value(), scope);
        }
        if (name.equals("torch.__contains__") && arguments.size() == 2) {
            return contains(
                    meant(arguments.get(0).value(), scope),
                    settled(arguments.get(1).value(), scope));
        }
        boolean is = name.equals("torch.__is__");
        if ((is || name.equals("torch.__isnot__")) && arguments.size() == 2) {
            Boolean absent = absent(arguments.get(0).value(), scope);
            boolean none = arguments.get(1).value().toString().equals("None");
            return absent == null || !none ? null : is == absent;
        }
        return null;
    }

    private @Nullable Boolean compared(String name, Expr left, Expr right, Map<String, Meaning> scope) {
        Object a = settled(left, scope);
        Object b = settled(right, scope);
        if (a == null || b == null) {
            return null;
        }
        if (name.equals("torch.eq") || name.equals("torch.ne")) {
            return a.equals(b) == name.equals("torch.eq");
        }
        if (!(a instanceof Double x) || !(b instanceof Double y)) {
            return null;
        }
        return switch (name) {
            case "torch.lt" -> x < y;
            case "torch.le" -> x <= y;
            case "torch.gt" -> x > y;
            default -> x >= y;
        };
    }

    /** A number, word or flag that stands in the code or was saved with the module; null if it depends on the call. */
    private @Nullable Object settled(Expr value, Map<String, Meaning> scope) {
        Expr meant = meant(value, scope);
        if (meant instanceof Expr.Literal literal) {
            String text = literal.text();
            return text.matches("-?[0-9]+(\\.[0-9]*)?") ? Double.valueOf(text) : text.replace("\"", "'");
        }
        return plain(attribute(meant));
    }

    /** What a name or an attribute of a module stands for. */
    private static Expr meant(Expr value, Map<String, Meaning> scope) {
        if (value instanceof Expr.Name n && scope.get(n.id()) instanceof Meaning.Plain plain) {
            return plain.expr();
        }
        return value instanceof Expr.Attribute a
                        && a.base() instanceof Expr.Name base
                        && scope.get(base.id()) instanceof Meaning.Module owner
                ? new Expr.Attribute(owner.path(), a.name())
                : value;
    }

    /** Whether a saved list of numbers or words has an item; null if there is no such list. */
    private @Nullable Boolean contains(Expr list, @Nullable Object item) {
        return item == null || !(attribute(list) instanceof List<?> items)
                ? null
                : Boolean.valueOf(items.stream().anyMatch(i -> item.equals(plain(i))));
    }

    private static @Nullable Object plain(@Nullable Object saved) {
        if (saved instanceof Number number) {
            return number.doubleValue();
        }
        if (saved instanceof Boolean flag) {
            return flag ? "True" : "False";
        }
        return saved instanceof String word ? "'" + word + "'" : null;
    }

    private @Nullable Boolean absent(Expr value, Map<String, Meaning> scope) {
        Expr meant = value instanceof Expr.Name n && scope.get(n.id()) instanceof Meaning.Plain p ? p.expr() : value;
        if (meant instanceof Expr.Literal literal) {
            return literal.text().equals("None");
        }
        if (meant instanceof Expr.Name name && computed.contains(name.id())) {
            return Boolean.FALSE;
        }
        boolean items = value instanceof Expr.Name n && scope.get(n.id()) instanceof Meaning.Items;
        return items ? Boolean.FALSE : null;
    }

    /** A flag of a module, as it was saved. */
    private @Nullable Boolean flag(Expr path) {
        if (path instanceof Expr.Literal) {
            return holds(path, Map.of());
        }
        Object value = attribute(path);
        return value instanceof Boolean flag ? flag : null;
    }

    private @Nullable Object attribute(Expr path) {
        return stored(path, root);
    }

    /** What a module keeps under the path of an attribute; null if nothing. */
    static @Nullable Object stored(Expr path, PickledObject root) {
        if (path instanceof Expr.Name name) {
            return name.id().equals("self") ? root : null;
        }
        Expr base = null;
        String name = "";
        if (path instanceof Expr.Attribute attribute) {
            base = attribute.base();
            name = attribute.name();
        } else if (path instanceof Expr.Call call && call.arguments().size() == 2) {
            base = call.arguments().get(0).value();
            name = call.arguments().get(1).value().toString().replace("\"", "");
        }
        Object owner = base == null ? null : stored(base, root);
        return owner instanceof PickledObject object ? object.attributes().get(name) : null;
    }
}
