package io.adacache.bench.command;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Commands whose result is nothing without a text that the user named. */
final class TextRequired {
    private TextRequired() {}

    /** Throws if no text is named. */
    static void check(GenerationOptions generation, CommandSpec spec) {
        if (!generation.hasText()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "Missing required option: '--prompt=<prompts>' (or --prompts FILE, or --conditioning FILE.npz)");
        }
    }
}
