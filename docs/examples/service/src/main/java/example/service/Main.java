package example.service;

import io.adacache.CacheStats;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ForkJoinPool;

/** Denoises under a built-in policy and one of our own, on threads that know nothing of the application's class loader. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        run(Path.of(args[0]));
    }

    /** Runs one generation per policy on the common pool, and fails where nothing was reused. */
    public static void run(Path model) {
        try (Denoising denoising = new Denoising(model)) {
            for (String policy : List.of("adacache-fast", "every-other")) {
                CacheStats stats = CompletableFuture.supplyAsync(() -> denoising.generate(policy), ForkJoinPool.commonPool())
                        .join();
                if (stats.reusedSteps() == 0 || stats.computedSteps() == 0) {
                    throw new IllegalStateException(policy + ": expected computed and reused steps, but got " + stats);
                }
                System.out.println(policy + ": " + stats.computedSteps() + " computed, " + stats.reusedSteps() + " reused");
            }
        }
    }
}
