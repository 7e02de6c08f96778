package io.adacache.bench;

import io.adacache.bench.command.GoalMissed;
import io.adacache.bench.pipeline.InterruptedGeneration;
import io.adacache.bench.pipeline.NotFinite;
import io.adacache.djl.ModelFileException;
import io.adacache.djl.instrument.InstrumentException;

/** What the process ends with: one table for all commands. */
final class ExitCodes {
    /** What was asked for is done, and every check passed. */
    static final int DONE = 0;

    /** The work was done, but a check did not pass or a goal was not reached; nothing is wrong with the command line. */
    static final int CHECK_FAILED = 1;

    /** The command line, or a file that it names, is wrong: the same command will fail again. */
    static final int WRONG_INPUT = 2;

    /** Something failed that the command line is not to blame for: the disk, the memory, the engine. */
    static final int FAILED = 3;

    /** Stopped by a signal or an interrupt; files are whole, and what is kept for going on is kept. */
    static final int INTERRUPTED = 130;

    private ExitCodes() {}

    /** Returns the code of what a command threw. */
    static int of(Throwable thrown) {
        if (thrown instanceof InterruptedGeneration) {
            return INTERRUPTED;
        } else if (thrown instanceof InstrumentException
                || thrown instanceof GoalMissed
                || thrown instanceof NotFinite) {
            return CHECK_FAILED;
        }
        return thrown instanceof IllegalArgumentException || thrown instanceof ModelFileException
                ? WRONG_INPUT
                : FAILED;
    }
}
