package io.adacache.djl.archive;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;

/** Tells an interrupt, which closes the channel that an archive is read from, from a file that cannot be read. */
public final class Interrupts {
    private Interrupts() {}

    /**
     * Returns if a file could not be read for a reason of its own.
     *
     * @throws CancellationException if the thread was interrupted; the interrupt is still set
     */
    public static void check(Path file, IOException e) {
        if (e instanceof ClosedByInterruptException) {
            CancellationException cancelled =
                    new CancellationException("The thread was interrupted while " + file + " was read");
            cancelled.initCause(e);
            throw cancelled;
        }
    }
}
