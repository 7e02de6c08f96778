package io.adacache.djl.instrument.syntax;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** An expression of the serialised language. {@link Object#toString()} prints it back as source text. */
public sealed interface Expr {
    /** A variable or the head of a dotted name. */
    record Name(String id) implements Expr {
        @Override
        public String toString() {
            return id;
        }
    }

    /** A number, string, {@code None}, {@code True} or {@code False}, as written. */
    record Literal(String text) implements Expr {
        @Override
        public String toString() {
            return text;
        }
    }

    /** {@code base.name}. */
    record Attribute(Expr base, String name) implements Expr {
        @Override
        public String toString() {
            return base + "." + name;
        }
    }

    /** {@code callee(arguments)}. */
    record Call(Expr callee, List<Argument> arguments) implements Expr {
        @Override
        public String toString() {
            String head = callee instanceof Attribute a && !(a.base() instanceof Name) && !dotted(a.base())
                    ? "(" + a.base() + ")." + a.name()
                    : callee.toString();
            return head + "(" + join(arguments) + ")";
        }
    }

    /** A positional argument, or one with a name. */
    record Argument(@Nullable String name, Expr value) {
        @Override
        public String toString() {
            return name == null ? value.toString() : name + "=" + value;
        }
    }

    /** {@code [items]}. */
    record ListOf(List<Expr> items) implements Expr {
        @Override
        public String toString() {
            return "[" + join(items) + "]";
        }
    }

    /** {@code (items,)}. */
    record TupleOf(List<Expr> items) implements Expr {
        @Override
        public String toString() {
            return "(" + join(items) + (items.size() == 1 ? ",)" : ")");
        }
    }

    /** {@code {key: value}}, keys and values alternating. */
    record DictOf(List<Expr> keysAndValues) implements Expr {
        @Override
        public String toString() {
            StringBuilder text = new StringBuilder("{");
            for (int i = 0; i < keysAndValues.size(); i += 2) {
                text.append(i == 0 ? "" : ", ")
                        .append(keysAndValues.get(i))
                        .append(": ")
                        .append(keysAndValues.get(i + 1));
            }
            return text.append("}").toString();
        }
    }

    /** {@code base[indices]}; a type such as {@code List[Tensor]} is one as well. */
    record Index(Expr base, List<Expr> indices) implements Expr {
        @Override
        public String toString() {
            return base + "[" + join(indices) + "]";
        }
    }

    /** {@code -operand} or {@code not operand}. */
    record Unary(String operator, Expr operand) implements Expr {
        @Override
        public String toString() {
            return operator + (operator.equals("not") ? " " : "") + operand;
        }
    }

    /** {@code left operator right}, printed in brackets. */
    record Binary(Expr left, String operator, Expr right) implements Expr {
        @Override
        public String toString() {
            return "(" + left + " " + operator + " " + right + ")";
        }
    }

    private static boolean dotted(Expr e) {
        return e instanceof Name || (e instanceof Attribute a && dotted(a.base()));
    }

    private static String join(List<?> items) {
        return items.stream().map(Object::toString).collect(Collectors.joining(", "));
    }

    /** {@code a.b.c} for a chain of attributes on a name, else null. */
    default @Nullable String dottedName() {
        if (this instanceof Name n) {
            return n.id();
        }
        if (this instanceof Attribute a) {
            String base = a.base().dottedName();
            return base == null ? null : base + "." + a.name();
        }
        return null;
    }
}
