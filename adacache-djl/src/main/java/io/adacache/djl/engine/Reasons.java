package io.adacache.djl.engine;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the reason in what the engine says: TorchScript puts it behind a trace of its own code. */
public final class Reasons {
    private static final Pattern ERROR = Pattern.compile("(?m)^(?:[\\w.]+\\.)?(\\w*(?:Error|Exception)): ?");
    private static final String TRACE = "Traceback of TorchScript";
    private static final int LONGEST = 400;

    private Reasons() {}

    /** Returns the reason of a failure, in one line. */
    public static String of(Throwable failure) {
        String text = String.valueOf(failure.getMessage()).strip();
        if (text.contains(TRACE)) {
            Matcher errors = ERROR.matcher(text);
            int from = -1;
            while (errors.find()) {
                from = errors.group(1).equals("RuntimeError") ? errors.end() : errors.start();
            }
            text = from < 0 ? lastLine(text) : text.substring(from);
        } else {
            text = firstLine(text);
        }
        String line = text.strip().replaceAll("\\s*\\R\\s*", " / ");
        return line.length() > LONGEST ? line.substring(0, LONGEST) + "..." : line;
    }

    private static String firstLine(String text) {
        return text.lines().filter(line -> !line.isBlank()).findFirst().orElse("no reason given");
    }

    private static String lastLine(String text) {
        return text.lines()
                .filter(line -> !line.isBlank())
                .reduce((first, second) -> second)
                .orElse("no reason given");
    }
}
