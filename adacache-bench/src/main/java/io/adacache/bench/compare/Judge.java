package io.adacache.bench.compare;

import io.adacache.CacheStats;
import io.adacache.bench.pipeline.Clip;
import io.adacache.bench.pipeline.Denoised;
import io.adacache.bench.pipeline.FlopCount;
import io.adacache.bench.quality.Lpips;
import io.adacache.bench.quality.Networks;
import io.adacache.bench.quality.Quality;
import io.adacache.bench.quality.Recogniser;
import io.adacache.bench.quality.Steadiness;
import io.adacache.bench.report.Case;
import io.adacache.bench.report.Result;
import io.adacache.policy.CachePolicy;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** Holds generations of a case against the uncached one. */
final class Judge {
    private final Case wanted;
    private final double uncachedMillis;
    private final Clip reference;
    private final Steadiness steady;
    private final FlopCount flops;
    private final Networks networks;
    private final Optional<Recogniser> recogniser;

    Judge(
            Case wanted,
            double uncachedMillis,
            Clip reference,
            FlopCount flops,
            Networks networks,
            Optional<Recogniser> recogniser) {
        this.recogniser = recogniser;
        this.wanted = wanted;
        this.uncachedMillis = uncachedMillis;
        this.reference = reference;
        this.steady = Steadiness.of(reference);
        this.flops = flops;
        this.networks = networks;
    }

    /**
     * Returns the figures of a generation.
     *
     * @param isReference whether it is the uncached one itself
     */
    Result judge(String name, CachePolicy policy, Denoised made, Clip clip, boolean isReference) {
        Quality quality = isReference ? null : Quality.of(clip, reference);
        Steadiness steadiness = Steadiness.of(clip);
        CacheStats stats = made.stats();
        return new Result(
                name,
                wanted.prompt(),
                wanted.seed(),
                wanted.steps(),
                stats.computedSteps(),
                made.millis(),
                uncachedMillis / made.millis(),
                stats.idealSpeedup(),
                quality == null ? null : quality.psnr(),
                quality == null ? null : quality.ssim(),
                stats.bytesHeld(),
                stats.bytesPeak(),
                orNull(stats.computedStepMillis()),
                orNull(stats.reusedStepMillis()),
                setting(policy),
                distance(quality, clip),
                orNull(flops.of(policy, made.trace().steps())),
                steadiness.flicker(),
                steadiness.motion(),
                quality == null ? null : orNull(steadiness.motionKept(steady)),
                recogniser.flatMap(known -> known.share(wanted.prompt(), clip)).orElse(null),
                networks.scores(clip));
    }

    private @Nullable Double distance(@Nullable Quality quality, Clip clip) {
        Lpips lpips = networks.lpips();
        return quality == null || lpips == null ? null : Double.valueOf(lpips.of(clip, reference));
    }

    private static String setting(CachePolicy policy) {
        String[] parts = policy.name().split(":", 2);
        return parts.length == 1 ? "" : parts[1];
    }

    private static @Nullable Double orNull(OptionalDouble value) {
        return value.isPresent() ? value.getAsDouble() : null;
    }
}
