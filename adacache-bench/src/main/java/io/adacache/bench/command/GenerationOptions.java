package io.adacache.bench.command;

import io.adacache.bench.pipeline.GuidanceMode;
import picocli.CommandLine.Option;

/** What generations have in common. */
final class GenerationOptions {
    @Option(names = "--steps", paramLabel = "N", defaultValue = "30", description = "denoising steps (default: 30)")
    int steps;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "1", description = "seed of the noise (default: 1)")
    long seed;

    @Option(
            names = "--guidance",
            defaultValue = "BATCHED",
            description = "batched: both halves in one call; separate: two calls per step (default: batched)")
    GuidanceMode guidance = GuidanceMode.BATCHED;

    /** Throws if the number of steps is none. */
    void check() {
        if (steps < 1) {
            throw new IllegalArgumentException("--steps is 1 or more, but got " + steps);
        }
    }
}
