package io.adacache.bench;

import picocli.CommandLine;

/** The program's command line, for tests in other packages that only look at it. */
public final class TheCommandLine {
    private TheCommandLine() {}

    public static CommandLine get() {
        return Main.commandLine();
    }
}
