package io.adacache.djl.instrument.syntax;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Cuts the text of one code file into tokens; indentation becomes INDENT and DEDENT, line ends inside brackets vanish. */
final class Lexer {
    private static final int MAX_TOKENS = 5_000_000;
    private static final int MAX_BRACKETS = 200;
    private static final List<String> LONG_OPERATORS =
            List.of("->", "==", "!=", "<=", ">=", "//", "**", "+=", "-=", "*=");

    private final String file;
    private final String text;
    private final List<Token> tokens = new ArrayList<>();
    private final Deque<Integer> indents = new ArrayDeque<>(List.of(0));
    private int at;
    private int line = 1;
    private int brackets;

    Lexer(String file, String text) {
        this.file = file;
        this.text = text;
    }

    List<Token> tokens() {
        while (at < text.length()) {
            if (atLineStart() && brackets == 0) {
                indentation();
            } else {
                token();
            }
        }
        if (brackets != 0) {
            throw problem("a bracket is never closed");
        }
        endLine();
        while (indents.peek() > 0) {
            indents.pop();
            add(Token.Kind.DEDENT, at);
        }
        add(Token.Kind.END, at);
        return tokens;
    }

    private boolean atLineStart() {
        return at == 0 || text.charAt(at - 1) == '\n';
    }

    private void indentation() {
        int start = at;
        while (at < text.length() && text.charAt(at) == ' ') {
            at++;
        }
        if (at == text.length()) {
            return;
        }
        char c = text.charAt(at);
        if (c == '\n' || c == '\r' || c == '#') {
            token();
            return;
        }
        int width = at - start;
        if (width > indents.peek()) {
            if (indents.size() >= MAX_BRACKETS) {
                throw problem("nested too deeply");
            }
            indents.push(width);
            add(Token.Kind.INDENT, at);
        }
        while (width < indents.peek()) {
            indents.pop();
            add(Token.Kind.DEDENT, at);
        }
        if (width != indents.peek()) {
            throw problem("indentation fits no outer block");
        }
        token();
    }

    private void token() {
        char c = text.charAt(at);
        int start = at;
        if (c == '\n') {
            if (brackets == 0) {
                endLine();
            }
            at++;
            line++;
        } else if (c == ' ' || c == '\t' || c == '\r') {
            at++;
        } else if (c == '#') {
            while (at < text.length() && text.charAt(at) != '\n') {
                at++;
            }
        } else if (c == '"' || c == '\'') {
            string(c);
            add(Token.Kind.STRING, start);
        } else if (digit(c) || (c == '.' && at + 1 < text.length() && digit(text.charAt(at + 1)))) {
            number();
            add(Token.Kind.NUMBER, start);
        } else if (nameStart(c)) {
            while (at < text.length() && (nameStart(text.charAt(at)) || digit(text.charAt(at)))) {
                at++;
            }
            add(Token.Kind.NAME, start);
        } else {
            operator(c);
            add(Token.Kind.OPERATOR, start);
        }
    }

    private void endLine() {
        if (!tokens.isEmpty()) {
            Token.Kind last = tokens.get(tokens.size() - 1).kind();
            if (last != Token.Kind.NEWLINE && last != Token.Kind.INDENT && last != Token.Kind.DEDENT) {
                add(Token.Kind.NEWLINE, at);
            }
        }
    }

    private void string(char quote) {
        at++;
        while (at < text.length() && text.charAt(at) != quote) {
            if (text.charAt(at) == '\n') {
                throw problem("a string is never closed");
            }
            at += text.charAt(at) == '\\' ? 2 : 1;
        }
        if (at >= text.length()) {
            throw problem("a string is never closed");
        }
        at++;
    }

    private void number() {
        while (at < text.length()) {
            char c = text.charAt(at);
            boolean exponentSign = (c == '+' || c == '-') && "eE".indexOf(text.charAt(at - 1)) >= 0;
            if (!digit(c) && c != '.' && c != 'e' && c != 'E' && c != 'j' && c != 'x' && !exponentSign) {
                return;
            }
            at++;
        }
    }

    private void operator(char c) {
        for (String operator : LONG_OPERATORS) {
            if (text.startsWith(operator, at)) {
                at += 2;
                return;
            }
        }
        if ("([{".indexOf(c) >= 0) {
            if (++brackets > MAX_BRACKETS) {
                throw problem("nested too deeply");
            }
        } else if (")]}".indexOf(c) >= 0) {
            if (--brackets < 0) {
                throw problem("a bracket is closed that was never opened");
            }
        } else if ("=:,.+-*/%<>@&|^~".indexOf(c) < 0) {
            throw problem(
                    "unexpected character " + (c < 127 && c > 31 ? "'" + c + "'" : String.format("U+%04X", (int) c)));
        }
        at++;
    }

    private static boolean digit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean nameStart(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    }

    private void add(Token.Kind kind, int start) {
        if (tokens.size() >= MAX_TOKENS) {
            throw problem("more than " + MAX_TOKENS + " tokens");
        }
        tokens.add(new Token(kind, text.substring(start, at), line, start, at));
    }

    private SyntaxException problem(String text) {
        return new SyntaxException(file, line, text);
    }
}
