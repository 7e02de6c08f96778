package io.adacache.djl.instrument.graph;

import io.adacache.djl.instrument.syntax.ClassDef;
import io.adacache.djl.instrument.syntax.Expr;
import io.adacache.djl.instrument.syntax.FunctionDef;
import io.adacache.djl.instrument.syntax.Stmt;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Turns a forward into one flat list of operations: calls of submodules and free functions are replaced by their bodies,
 * attributes by their path from the root. So nested, wrapped, frozen and inlined archives become the same thing. A callee with
 * control flow stays a call; control flow in the forward itself is refused.
 */
final class Inliner {
    private static final int MAX_NODES = 400_000;
    private static final int MAX_CALLS = 100;
    private static final Expr.Name SELF = new Expr.Name("self");

    private final Program program;
    private final List<Node> nodes = new ArrayList<>();
    private final Set<String> values = new LinkedHashSet<>();
    private final Conditions conditions;
    private int named;
    private String path = "";
    private String line = "";
    private int calls;
    private int appended;

    private Inliner(Program program) {
        this.program = program;
        this.conditions = new Conditions(program.root());
    }

    static Graph flatten(Program program) {
        return new Inliner(program).flatten();
    }

    private Graph flatten() {
        ClassDef type = program.rootClass();
        FunctionDef forward = type.methods().get("forward");
        if (forward == null) {
            throw new NotUnderstood("the root class " + type.name() + " has no method forward");
        }
        Map<String, Meaning> scope = new LinkedHashMap<>();
        List<Graph.Input> inputs = new ArrayList<>();
        List<FunctionDef.Parameter> parameters = forward.parameters();
        if (parameters.isEmpty()) {
            throw new NotUnderstood("forward has no parameters");
        }
        scope.put(
                parameters.get(0).name(),
                new Meaning.Module(SELF, "", program.root().type()));
        for (FunctionDef.Parameter parameter : parameters.subList(1, parameters.size())) {
            if (!parameter.isTensor()) {
                String what = parameter.name() + " of forward is a " + parameter.type();
                throw new NotUnderstood("input " + what + "; only tensors can be passed", Remedy.TENSORS);
            }
            String value = fresh();
            inputs.add(new Graph.Input(value, parameter.name()));
            scope.put(parameter.name(), new Meaning.Plain(new Expr.Name(value)));
        }
        Meaning result;
        try {
            result = body(forward, scope);
        } catch (ControlFlow e) {
            String where = "forward has control flow (" + e.getMessage() + ")";
            throw new NotUnderstood(where + ", so there is no single spine", Remedy.TRACE);
        }
        // Of several results the first is the prediction.
        boolean tupled = result instanceof Meaning.Items;
        int listed = 0;
        while (result instanceof Meaning.Items items && !items.items().isEmpty()) {
            listed = items.tuple() ? listed : items.items().size();
            result = items.items().get(0);
        }
        if (!(result instanceof Meaning.Plain plain && plain.expr() instanceof Expr.Name name)
                || !values.contains(name.id())) {
            throw new NotUnderstood("forward does not return a tensor that it has computed", Remedy.RETURN);
        }
        return new Graph(inputs, nodes, name.id(), tupled, listed);
    }

    private Meaning body(FunctionDef function, Map<String, Meaning> scope) {
        Meaning result = statements(function.body(), function.file(), scope);
        return result == null ? Meaning.literal("None") : result;
    }

    /** What a return hands back, or null if there was none. */
    private @Nullable Meaning statements(List<Stmt> body, String file, Map<String, Meaning> scope) {
        for (Stmt statement : body) {
            line = file + ":" + statement.line();
            if (statement instanceof Stmt.Return r) {
                return r.value() == null ? Meaning.literal("None") : evaluate(r.value(), scope);
            } else if (statement instanceof Stmt.Assign a) {
                assign(a, scope);
            } else if (statement instanceof Stmt.Effect e) {
                evaluate(e.value(), scope);
            } else if (statement instanceof Stmt.If conditional) {
                List<Stmt> branch = conditions.branch(conditional, scope);
                if (branch == null) {
                    throw new ControlFlow("if in line " + statement.line());
                }
                Meaning result = statements(branch, file, scope);
                if (result != null) {
                    return result;
                }
            } else if (statement instanceof Stmt.Loop loop) {
                throw new ControlFlow(loop.keyword() + " in line " + statement.line());
            }
        }
        return null;
    }

    private void assign(Stmt.Assign assign, Map<String, Meaning> scope) {
        Meaning value = evaluate(assign.value(), scope);
        for (Expr target : assign.targets()) {
            if (!(target instanceof Expr.Name)) {
                String what = ": forward assigns to " + target + "; a model whose call changes it cannot be cut";
                throw new NotUnderstood(line + what, Remedy.TRACE);
            }
        }
        if (!assign.unpack()) {
            scope.put(assign.targets().get(0).toString(), value);
            return;
        }
        List<Meaning> items = value instanceof Meaning.Items known
                ? known.items()
                : unpack(value, assign.targets().size());
        if (items.size() != assign.targets().size()) {
            throw new NotUnderstood(line + ": unpacks " + items.size() + " items into "
                    + assign.targets().size());
        }
        for (int i = 0; i < items.size(); i++) {
            scope.put(assign.targets().get(i).toString(), items.get(i));
        }
    }

    private List<Meaning> unpack(Meaning value, int count) {
        Expr expr = expr(value);
        List<String> outputs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            outputs.add(fresh());
        }
        add(new Node(nodes.size(), "unpack", expr, List.copyOf(outputs), used(expr), path, line));
        List<Meaning> items = new ArrayList<>();
        outputs.forEach(v -> items.add(new Meaning.Plain(new Expr.Name(v))));
        return items;
    }

    private Meaning evaluate(Expr expr, Map<String, Meaning> scope) {
        if (expr instanceof Expr.Name name) {
            Meaning known = scope.get(name.id());
            return known != null ? known : new Meaning.Plain(name);
        }
        if (expr instanceof Expr.Literal) {
            return new Meaning.Plain(expr);
        }
        if (expr instanceof Expr.Attribute attribute) {
            Meaning base = evaluate(attribute.base(), scope);
            return base instanceof Meaning.Module module
                    ? member(module, attribute.name())
                    : new Meaning.Plain(new Expr.Attribute(expr(base), attribute.name()));
        }
        if (expr instanceof Expr.ListOf list) {
            return items(evaluateAll(list.items(), scope), false);
        }
        if (expr instanceof Expr.TupleOf tuple) {
            return items(evaluateAll(tuple.items(), scope), true);
        }
        if (expr instanceof Expr.Call call) {
            return call(call, scope);
        }
        if (expr instanceof Expr.Index index) {
            return index(index, scope);
        }
        if (expr instanceof Expr.Unary unary) {
            return node(
                    "operator " + unary.operator(),
                    new Expr.Unary(unary.operator(), expr(evaluate(unary.operand(), scope))));
        }
        if (expr instanceof Expr.Binary b) {
            Expr left = expr(evaluate(b.left(), scope));
            return node(
                    "operator " + b.operator(), new Expr.Binary(left, b.operator(), expr(evaluate(b.right(), scope))));
        }
        List<Expr> entries = new ArrayList<>();
        ((Expr.DictOf) expr).keysAndValues().forEach(e -> entries.add(expr(evaluate(e, scope))));
        return node("dict", new Expr.DictOf(entries));
    }

    private Meaning items(List<Meaning> items, boolean tuple) {
        return Meaning.Items.of(items, tuple, line);
    }

    private List<Meaning> evaluateAll(List<Expr> items, Map<String, Meaning> scope) {
        List<Meaning> result = new ArrayList<>();
        items.forEach(item -> result.add(evaluate(item, scope)));
        return result;
    }

    private Meaning index(Expr.Index index, Map<String, Meaning> scope) {
        Meaning base = evaluate(index.base(), scope);
        List<Expr> indices = new ArrayList<>();
        index.indices().forEach(i -> indices.add(expr(evaluate(i, scope))));
        if (base instanceof Meaning.Items items && indices.get(0) instanceof Expr.Literal literal) {
            Meaning item = items.at(literal.text(), line);
            if (item != null) {
                return item;
            }
        }
        return node("index", new Expr.Index(expr(base), indices));
    }

    private Meaning member(Meaning.Module module, String name) {
        ClassDef type = program.findClass(module.type());
        if (type == null) {
            throw new NotUnderstood(line + ": class " + module.type() + " has no code in this archive");
        }
        Expr attributeType = type.attributes().get(name);
        if (attributeType == null) {
            throw new NotUnderstood(line + ": " + type.name() + " has no attribute " + name);
        }
        Expr path = module.member(name);
        String qualified = attributeType.dottedName();
        String dotted = module.dotted().isEmpty() ? name : module.dotted() + "." + name;
        return qualified != null && program.findClass(qualified) != null
                ? new Meaning.Module(path, dotted, qualified)
                : new Meaning.Plain(path);
    }

    private Meaning call(Expr.Call written, Map<String, Meaning> scope) {
        // A scripted body may give a function a short name first.
        boolean renamed = written.callee() instanceof Expr.Name n
                && scope.get(n.id()) instanceof Meaning.Plain p
                && p.expr() instanceof Expr.Attribute;
        Expr.Call call =
                renamed ? new Expr.Call(expr(evaluate(written.callee(), scope)), written.arguments()) : written;
        if (call.callee() instanceof Expr.Name name
                && name.id().equals("getattr")
                && call.arguments().size() == 2) {
            Meaning base = evaluate(call.arguments().get(0).value(), scope);
            String key = call.arguments().get(1).value().toString();
            if (base instanceof Meaning.Module module && key.length() > 2) {
                return member(module, key.substring(1, key.length() - 1));
            }
        }
        if (call.callee() instanceof Expr.Attribute method) {
            String dotted = method.dottedName();
            String head = dotted == null ? "" : dotted.substring(0, dotted.indexOf('.'));
            if (dotted == null || scope.containsKey(head)) {
                Meaning base = evaluate(method.base(), scope);
                if (base instanceof Meaning.Module module) {
                    return method(module, method.name(), call.arguments(), scope);
                }
                throw new NotUnderstood(line + ": calls " + method.name() + " on something that is no submodule");
            }
            FunctionDef function = head.equals("__torch__") ? program.findFunction(dotted) : null;
            if (function != null) {
                return function(function, dotted, call.arguments(), scope);
            }
        }
        return operator(call, scope);
    }

    private Meaning operator(Expr.Call call, Map<String, Meaning> scope) {
        String name = call.callee().dottedName();
        if (name == null) {
            throw new NotUnderstood(line + ": calls something that is no operator");
        }
        boolean typeFirst = name.equals("annotate") || name.equals("unchecked_cast") || name.equals("isinstance");
        Meaning known = known(name, call, scope);
        if (known != null) {
            return known;
        }
        List<Expr.Argument> arguments = new ArrayList<>();
        for (Expr.Argument argument : call.arguments()) {
            boolean type = typeFirst && arguments.isEmpty();
            Expr value = type ? argument.value() : expr(evaluate(argument.value(), scope));
            arguments.add(new Expr.Argument(argument.name(), value));
        }
        Expr.Call resolved = new Expr.Call(call.callee(), arguments);
        boolean constant = used(resolved).isEmpty() && (name.equals("annotate") || name.equals("torch.device"));
        return constant ? new Meaning.Plain(resolved) : node(name, resolved);
    }

    /** What needs no operation: a settled condition, a list of tensors that is declared or gets one more item; else null. */
    private @Nullable Meaning known(String name, Expr.Call call, Map<String, Meaning> scope) {
        Boolean holds = conditions.holds(call, scope);
        if (holds != null) {
            return Meaning.literal(holds ? "True" : "False");
        }
        List<Expr.Argument> arguments = call.arguments();
        boolean two = arguments.size() == 2;
        boolean declared = two
                && name.equals("annotate")
                && arguments.get(0).value().toString().equals("List[Tensor]")
                && arguments.get(1).value() instanceof Expr.ListOf;
        boolean appends = two && name.equals("torch.append") && arguments.get(0).value() instanceof Expr.Name;
        if (appends && evaluate(arguments.get(0).value(), scope) instanceof Meaning.Items items && !items.tuple()) {
            appended++;
            items.items().add(evaluate(arguments.get(1).value(), scope));
            return items(items.items(), false);
        }
        return declared ? evaluate(arguments.get(1).value(), scope) : null;
    }

    private Meaning method(Meaning.Module module, String name, List<Expr.Argument> given, Map<String, Meaning> scope) {
        ClassDef type = program.findClass(module.type());
        FunctionDef method = type == null ? null : type.methods().get(name);
        if (method == null || method.parameters().isEmpty()) {
            throw new NotUnderstood(line + ": " + module.type() + " has no method " + name);
        }
        List<Meaning> arguments = arguments(method, 1, given, scope);
        Map<String, Meaning> inner = new HashMap<>();
        inner.put(method.parameters().get(0).name(), module);
        Meaning result = enter(method, 1, arguments, inner, module.dotted());
        return result == null
                ? opaque(new Expr.Attribute(module.path(), name), method, arguments, module.dotted())
                : result;
    }

    private Meaning function(FunctionDef function, String name, List<Expr.Argument> given, Map<String, Meaning> scope) {
        List<Meaning> arguments = arguments(function, 0, given, scope);
        Meaning result = enter(function, 0, arguments, new HashMap<>(), path);
        if (result != null) {
            return result;
        }
        Expr callee = null;
        for (String part : name.split("\\.")) {
            callee = callee == null ? new Expr.Name(part) : new Expr.Attribute(callee, part);
        }
        return opaque(java.util.Objects.requireNonNull(callee), function, arguments, path);
    }

    /** The callee's body in place of the call; null, and nothing written, if its way depends on the call. */
    private @Nullable Meaning enter(
            FunctionDef function, int skip, List<Meaning> arguments, Map<String, Meaning> inner, String innerPath) {
        for (int i = 0; i < arguments.size(); i++) {
            inner.put(function.parameters().get(i + skip).name(), arguments.get(i));
        }
        String outerPath = path;
        String outerLine = line;
        int written = nodes.size();
        int before = appended;
        if (++calls > MAX_CALLS) {
            throw new NotUnderstood(line + ": calls are nested more than " + MAX_CALLS + " deep");
        }
        path = innerPath;
        try {
            return body(function, inner);
        } catch (ControlFlow e) {
            if (appended > before) {
                String where = e.getMessage() + " depends on the call";
                throw new NotUnderstood(line + ": a list grows where " + where, Remedy.TRACE);
            }
            nodes.subList(written, nodes.size()).clear();
            return null;
        } finally {
            path = outerPath;
            line = outerLine;
            calls--;
        }
    }

    private Meaning opaque(Expr callee, FunctionDef function, List<Meaning> arguments, String innerPath) {
        List<Expr.Argument> printed = new ArrayList<>();
        arguments.forEach(a -> printed.add(new Expr.Argument(null, expr(a))));
        String outer = path;
        path = innerPath;
        Meaning result = node("call", new Expr.Call(callee, printed));
        path = outer;
        if (function.returns() instanceof Expr.Index type
                && type.base().toString().equals("Tuple")) {
            return items(unpack(result, type.indices().size()), true);
        }
        return result;
    }

    private List<Meaning> arguments(
            FunctionDef function, int skip, List<Expr.Argument> given, Map<String, Meaning> scope) {
        List<FunctionDef.Parameter> parameters =
                function.parameters().subList(skip, function.parameters().size());
        Map<String, Meaning> named = new HashMap<>();
        List<Meaning> result = new ArrayList<>();
        for (Expr.Argument argument : given) {
            Meaning value = evaluate(argument.value(), scope);
            if (argument.name() == null) {
                result.add(value);
            } else {
                named.put(argument.name(), value);
            }
        }
        for (int i = result.size(); i < parameters.size(); i++) {
            FunctionDef.Parameter parameter = parameters.get(i);
            Meaning value = named.get(parameter.name());
            if (value == null && parameter.fallback() != null) {
                value = evaluate(parameter.fallback(), Map.of());
            }
            if (value == null) {
                throw new NotUnderstood(line + ": " + function.name() + " is called without " + parameter.name());
            }
            result.add(value);
        }
        if (result.size() != parameters.size()) {
            throw new NotUnderstood(line + ": " + function.name() + " is called with too many arguments");
        }
        return result;
    }

    private Meaning node(String op, Expr expr) {
        String value = fresh();
        add(new Node(nodes.size(), op, expr, List.of(value), used(expr), path, line));
        if (op.startsWith("torch.")) {
            conditions.computed(value);
        }
        return new Meaning.Plain(new Expr.Name(value));
    }

    private void add(Node node) {
        if (nodes.size() >= MAX_NODES) {
            throw new NotUnderstood("forward has more than " + MAX_NODES + " operations");
        }
        nodes.add(node);
    }

    private String fresh() {
        String value = "v" + named++;
        values.add(value);
        return value;
    }

    private Expr expr(Meaning meaning) {
        return meaning.printed(line);
    }

    /** The graph's values in an expression. */
    private Set<String> used(Expr expr) {
        Set<String> names = new LinkedHashSet<>();
        Names.collect(expr, names);
        names.retainAll(values);
        return names;
    }
}
