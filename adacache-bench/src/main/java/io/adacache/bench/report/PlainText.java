package io.adacache.bench.report;

import java.io.FilterWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;

/**
 * Text for a terminal in which nothing steers the terminal: names come out of model files, and a file may come from anywhere.
 * Control characters but line breaks and tabs, and those that turn the direction of writing, are shown as {@code \}{@code u001b}.
 */
public final class PlainText {
    private PlainText() {}

    /** Returns a text made plain. */
    public static String of(String text) {
        StringBuilder plain = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            append(plain, text.charAt(i));
        }
        return plain.toString();
    }

    /** Returns a writer that makes plain what goes through it. */
    public static PrintWriter writer(Writer to) {
        return new PrintWriter(new Filter(to), true);
    }

    private static void append(StringBuilder plain, char c) {
        if (steers(c)) {
            plain.append(String.format("\\u%04x", (int) c));
        } else {
            plain.append(c);
        }
    }

    private static boolean steers(char c) {
        boolean control = Character.isISOControl(c) && c != '\n' && c != '\r' && c != '\t';
        boolean turns = c >= '\u202a' && c <= '\u202e' || c >= '\u2066' && c <= '\u2069';
        return control || turns;
    }

    private static final class Filter extends FilterWriter {
        Filter(Writer out) {
            super(out);
        }

        @Override
        public void write(int c) throws IOException {
            out.write(of(String.valueOf((char) c)));
        }

        @Override
        public void write(char[] buffer, int offset, int length) throws IOException {
            out.write(of(new String(buffer, offset, length)));
        }

        @Override
        public void write(String text, int offset, int length) throws IOException {
            out.write(of(text.substring(offset, offset + length)));
        }
    }
}
