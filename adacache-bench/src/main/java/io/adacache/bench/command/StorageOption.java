package io.adacache.bench.command;

import io.adacache.spi.TensorOps.Storage;
import picocli.CommandLine.Option;

/** How kept sums are stored. */
final class StorageOption {
    @Option(
            names = "--keep",
            paramLabel = "full|half|byte",
            defaultValue = "full",
            description = "store kept sums as they are, or in 16 or 8 bits an element (default: ${DEFAULT-VALUE})")
    private Storage storage = Storage.FULL;

    Storage storage() {
        return storage;
    }
}
