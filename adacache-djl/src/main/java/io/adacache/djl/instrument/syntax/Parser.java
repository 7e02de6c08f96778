package io.adacache.djl.instrument.syntax;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A recursive-descent parser for the language in which TorchScript archives hold their code: a small subset of Python with
 * classes, typed functions, assignments, {@code if}, loops and calls.
 */
final class Parser {
    private static final int MAX_DEPTH = 400;
    private static final Set<String> CONSTANTS = Set.of("None", "True", "False", "inf", "nan");
    private final String file;
    private final String text;
    private final List<Token> tokens;
    private int at;
    private int depth;

    Parser(String file, String text) {
        this.file = file;
        this.text = text;
        this.tokens = new Lexer(file, text).tokens();
    }

    SourceFile file() {
        Map<String, ClassDef> classes = new LinkedHashMap<>();
        Map<String, FunctionDef> functions = new LinkedHashMap<>();
        while (peek().kind() != Token.Kind.END) {
            if (peek().is("class")) {
                ClassDef def = classDef();
                once(classes.put(def.name(), def), "class " + def.name());
            } else if (peek().is("def")) {
                FunctionDef def = function();
                once(functions.put(def.name(), def), "function " + def.name());
            } else if (peek().is("import")) {
                while (next().kind() != Token.Kind.NEWLINE) {}
            } else {
                statement();
            }
        }
        return new SourceFile(file, text, classes, functions);
    }

    private void once(@Nullable Object before, String what) {
        if (before != null) {
            throw problem(what + " is defined twice");
        }
    }

    private ClassDef classDef() {
        expect("class");
        String name = name();
        if (accept("(")) {
            while (!accept(")")) {
                next();
                endOfFile();
            }
        }
        expect(":");
        Map<String, Expr> attributes = new LinkedHashMap<>();
        Map<String, FunctionDef> methods = new LinkedHashMap<>();
        int end = block(() -> member(attributes, methods));
        return new ClassDef(name, attributes, methods, file, end);
    }

    private void member(Map<String, Expr> attributes, Map<String, FunctionDef> methods) {
        if (peek().is("def")) {
            FunctionDef def = function();
            once(methods.put(def.name(), def), "method " + def.name());
            return;
        }
        Expr target = expression();
        if (accept(":")) {
            Expr type = expression();
            if (accept("=")) {
                expression();
            }
            once(attributes.put(target.toString(), type), "attribute " + target);
        } else if (accept("=")) {
            Expr value = expression();
            if (target instanceof Expr.Index i
                    && i.base().toString().equals("__annotations__")
                    && i.indices().size() == 1) {
                String key = unquote(i.indices().get(0));
                once(attributes.put(key, value), "attribute " + key);
            }
        }
        endStatement();
    }

    private String unquote(Expr key) {
        String quoted = key.toString();
        if (quoted.length() < 2 || "\"'".indexOf(quoted.charAt(0)) < 0) {
            throw problem("an attribute name is no string");
        }
        return quoted.substring(1, quoted.length() - 1);
    }

    private FunctionDef function() {
        int line = peek().line();
        int start = lineStart(peek());
        expect("def");
        String name = name();
        expect("(");
        List<FunctionDef.Parameter> parameters = new ArrayList<>();
        while (!accept(")")) {
            String parameter = accept("*") ? "*" : name();
            Expr type = accept(":") ? expression() : null;
            Expr fallback = accept("=") ? expression() : null;
            parameters.add(new FunctionDef.Parameter(parameter, type, fallback));
            if (!peek().is(")")) {
                expect(",");
            }
        }
        Expr returns = accept("->") ? expression() : null;
        expect(":");
        List<Stmt> body = statements();
        return new FunctionDef(name, List.copyOf(parameters), returns, body, file, line, start, lineStart(peek()));
    }

    private int lineStart(Token token) {
        return token.kind() == Token.Kind.END ? text.length() : text.lastIndexOf('\n', token.start()) + 1;
    }

    private List<Stmt> statements() {
        if (peek().kind() != Token.Kind.NEWLINE) {
            return List.of(statement());
        }
        List<Stmt> body = new ArrayList<>();
        block(() -> body.add(statement()));
        return List.copyOf(body);
    }

    private int block(Runnable element) {
        expect(Token.Kind.NEWLINE);
        expect(Token.Kind.INDENT);
        deeper();
        while (peek().kind() != Token.Kind.DEDENT) {
            endOfFile();
            element.run();
        }
        depth--;
        int end = tokens.get(at - 1).end();
        at++;
        return end;
    }

    private Stmt statement() {
        Token first = peek();
        int line = first.line();
        if (accept("return")) {
            Expr value = peek().kind() == Token.Kind.NEWLINE ? null : tuple();
            endStatement();
            return new Stmt.Return(value, line);
        }
        if (accept("pass")) {
            endStatement();
            return new Stmt.Pass(line);
        }
        if (accept("if")) {
            return conditional(line);
        }
        if (accept("while")) {
            Expr head = expression();
            expect(":");
            return new Stmt.Loop("while", head, statements(), line);
        }
        if (accept("for")) {
            Expr head = tuple();
            expect(":");
            return new Stmt.Loop("for", head, statements(), line);
        }
        return assignment(line);
    }

    private Stmt conditional(int line) {
        Expr condition = expression();
        expect(":");
        List<Stmt> then = statements();
        List<Stmt> otherwise = List.of();
        if (peek().is("elif")) {
            int inner = next().line();
            otherwise = List.of(conditional(inner));
        } else if (accept("else")) {
            expect(":");
            otherwise = statements();
        }
        return new Stmt.If(condition, then, otherwise, line);
    }

    private Stmt assignment(int line) {
        List<Expr> targets = new ArrayList<>(List.of(expression()));
        boolean unpack = false;
        while (accept(",")) {
            unpack = true;
            if (!peek().is("=")) {
                targets.add(expression());
            }
        }
        if (!unpack && accept(":")) {
            expression();
        }
        if (accept("=")) {
            Expr value = tuple();
            endStatement();
            return new Stmt.Assign(List.copyOf(targets), unpack, value, line);
        }
        endStatement();
        if (unpack) {
            throw problem("a statement without effect");
        }
        return new Stmt.Effect(targets.get(0), line);
    }

    private Expr tuple() {
        Expr first = expression();
        if (!peek().is(",")) {
            return first;
        }
        List<Expr> items = new ArrayList<>(List.of(first));
        while (accept(",")) {
            if (peek().kind() == Token.Kind.NEWLINE) {
                break;
            }
            items.add(expression());
        }
        return new Expr.TupleOf(List.copyOf(items));
    }

    Expr expression() {
        return binary(0);
    }

    private Expr binary(int least) {
        deeper();
        Expr left = unary();
        while (true) {
            Integer binding = Precedence.of(peek().text());
            boolean operator = peek().kind() == Token.Kind.OPERATOR || peek().kind() == Token.Kind.NAME;
            if (!operator || binding == null || binding <= least) {
                break;
            }
            String symbol = next().text();
            if (symbol.equals("is") && accept("not")) {
                symbol = "is not";
            }
            left = new Expr.Binary(left, symbol, binary(binding));
        }
        depth--;
        return left;
    }

    private Expr unary() {
        if (peek().is("-") || peek().is("not") || peek().is("~")) {
            String operator = next().text();
            deeper();
            Expr operand = unary();
            depth--;
            return operand instanceof Expr.Literal l && operator.equals("-")
                    ? new Expr.Literal("-" + l.text())
                    : new Expr.Unary(operator, operand);
        }
        return postfix(primary());
    }

    private Expr postfix(Expr start) {
        Expr base = start;
        int links = 0;
        while (true) {
            if (accept(".")) {
                base = new Expr.Attribute(base, name());
            } else if (accept("(")) {
                base = new Expr.Call(base, arguments());
            } else if (accept("[")) {
                base = new Expr.Index(base, items("]"));
            } else {
                return base;
            }
            if (++links > MAX_DEPTH) {
                throw problem("nested too deeply");
            }
        }
    }

    private List<Expr.Argument> arguments() {
        List<Expr.Argument> arguments = new ArrayList<>();
        while (!accept(")")) {
            Expr value = expression();
            if (value instanceof Expr.Name n && accept("=")) {
                arguments.add(new Expr.Argument(n.id(), expression()));
            } else {
                arguments.add(new Expr.Argument(null, value));
            }
            if (!peek().is(")")) {
                expect(",");
            }
        }
        return List.copyOf(arguments);
    }

    private List<Expr> items(String close) {
        List<Expr> items = new ArrayList<>();
        while (!accept(close)) {
            items.add(expression());
            if (!peek().is(close)) {
                expect(",");
            }
        }
        return List.copyOf(items);
    }

    private Expr primary() {
        Token token = next();
        switch (token.kind()) {
            case NUMBER, STRING -> {
                return new Expr.Literal(token.text());
            }
            case NAME -> {
                return CONSTANTS.contains(token.text()) ? new Expr.Literal(token.text()) : new Expr.Name(token.text());
            }
            default -> {
                return bracket(token);
            }
        }
    }

    private Expr bracket(Token token) {
        if (token.is("[")) {
            return new Expr.ListOf(items("]"));
        }
        if (token.is("{")) {
            List<Expr> entries = new ArrayList<>();
            while (!accept("}")) {
                entries.add(expression());
                expect(":");
                entries.add(expression());
                if (!peek().is("}")) {
                    expect(",");
                }
            }
            return new Expr.DictOf(List.copyOf(entries));
        }
        if (token.is("(")) {
            if (accept(")")) {
                return new Expr.TupleOf(List.of());
            }
            Expr first = expression();
            if (accept(")")) {
                return first;
            }
            expect(",");
            List<Expr> items = new ArrayList<>(List.of(first));
            items.addAll(items(")"));
            return new Expr.TupleOf(List.copyOf(items));
        }
        at--;
        throw problem("unexpected " + describe(token));
    }

    private Token peek() {
        return tokens.get(at);
    }

    private Token next() {
        Token token = tokens.get(at);
        endOfFile();
        at++;
        return token;
    }

    private void endOfFile() {
        if (peek().kind() == Token.Kind.END) {
            throw problem("the file ends in the middle of a definition");
        }
    }

    private boolean accept(String text) {
        if (peek().is(text)) {
            at++;
            return true;
        }
        return false;
    }

    private void expect(String text) {
        if (!accept(text)) {
            throw problem("expected '" + text + "', found " + describe(peek()));
        }
    }

    private void expect(Token.Kind kind) {
        if (peek().kind() != kind) {
            throw problem("expected " + kind.name().toLowerCase(java.util.Locale.ROOT) + ", found " + describe(peek()));
        }
        at++;
    }

    private void endStatement() {
        expect(Token.Kind.NEWLINE);
    }

    private String name() {
        if (peek().kind() != Token.Kind.NAME) {
            throw problem("expected a name, found " + describe(peek()));
        }
        return next().text();
    }

    private void deeper() {
        if (++depth > MAX_DEPTH) {
            throw problem("nested too deeply");
        }
    }

    private static String describe(Token token) {
        String text = token.text().length() > 40 ? token.text().substring(0, 40) + "..." : token.text();
        return token.kind() == Token.Kind.OPERATOR || token.kind() == Token.Kind.NAME
                ? "'" + text + "'"
                : token.kind().name().toLowerCase(java.util.Locale.ROOT);
    }

    private SyntaxException problem(String problem) {
        return new SyntaxException(file, peek().line(), problem);
    }
}
