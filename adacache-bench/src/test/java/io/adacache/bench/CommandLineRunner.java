package io.adacache.bench;

import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/**
 * What a run of the program gave.
 *
 * @param exitCode of the process
 * @param out standard output
 * @param err standard error
 */
record CommandLineRunner(int exitCode, String out, String err) {
    static CommandLineRunner run(String... args) {
        CommandLine line = Main.commandLine();
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        int exitCode = line.execute(args);
        return new CommandLineRunner(exitCode, out.toString(), err.toString());
    }
}
