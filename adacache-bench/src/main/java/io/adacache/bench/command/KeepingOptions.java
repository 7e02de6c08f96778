package io.adacache.bench.command;

import ai.djl.ndarray.NDArray;
import io.adacache.CacheSession;
import io.adacache.bench.command.OptionRules.NotWith;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a session keeps to beside its policy: a time, a bound on the estimated error. */
final class KeepingOptions {
    @Option(
            names = "--seconds",
            paramLabel = "S",
            description = "time that the steps are to take, all in all; best with a policy that spends a budget")
    private @Nullable Double seconds;

    @NotWith("--guard-computing")
    @Option(
            names = "--guard",
            paramLabel = "E",
            description = "warn where the estimated error of reused steps passes E, relative to the whole way")
    private @Nullable Double guard;

    @Option(names = "--guard-computing", paramLabel = "E", description = "compute what would pass E")
    private @Nullable Double computing;

    @Mixin
    private final StorageOption storage = new StorageOption();

    /** Tells a session. */
    CacheSession.Builder<NDArray> apply(CacheSession.Builder<NDArray> session) {
        session.keepAs(storage.storage());
        if (seconds != null) {
            session.seconds(seconds);
        }
        if (guard != null) {
            session.guard(guard);
        }
        return computing == null ? session : session.guardComputing(computing);
    }
}
