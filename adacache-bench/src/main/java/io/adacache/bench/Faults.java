package io.adacache.bench;

import io.adacache.bench.files.FileFault;
import io.adacache.bench.report.PlainText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.util.Objects;

/** What went wrong, in one line. */
final class Faults {
    private Faults() {}

    /** Returns the line: what is wrong and where, never a bare file name or the name of an exception alone. */
    static String line(Throwable thrown) {
        Throwable cause = thrown instanceof UncheckedIOException wrapped
                ? Objects.requireNonNullElse(wrapped.getCause(), wrapped)
                : thrown;
        if (cause instanceof FileSystemException file) {
            return oneLine(FileFault.message(file));
        } else if (cause instanceof OutOfMemoryError) {
            return "out of memory (" + cause.getMessage()
                    + "): ask for a smaller size or batch, or give Java more with -Xmx";
        } else if (cause instanceof StackOverflowError) {
            return "something is nested too deeply; give Java more with -Xss";
        }
        String message = cause.getMessage();
        if (message == null || message.isBlank()) {
            return "internal error: " + cause.getClass().getSimpleName() + " (--verbose shows where)";
        }
        boolean known = cause instanceof IllegalArgumentException
                || cause instanceof IllegalStateException
                || cause instanceof IOException
                || cause instanceof picocli.CommandLine.PicocliException
                || cause.getClass().getName().startsWith("io.adacache");
        return oneLine(known ? message : "internal error: " + cause.getClass().getSimpleName() + ": " + message);
    }

    private static String oneLine(String message) {
        return PlainText.of(message.strip().replaceAll("\\s*\\R\\s*", " "));
    }
}
