package io.adacache.bench.compare;

import io.adacache.bench.engine.EngineSettings;
import io.adacache.bench.engine.Machine;
import io.adacache.bench.report.Fact;
import io.adacache.djl.Manifest;
import java.util.List;
import java.util.Locale;

/** The small print of a comparison: what was measured on what, and what the figures mean. */
public final class ComparisonFacts {
    private ComparisonFacts() {}

    /** Returns model, machine and software. */
    public static List<Fact> of(Manifest manifest) {
        return List.of(
                new Fact(
                        "model",
                        String.format(
                                Locale.ROOT,
                                "%s (%s), %,d parameters, %s, %d sites, predicts %s",
                                manifest.name(),
                                manifest.family(),
                                manifest.parameters(),
                                manifest.dtype(),
                                manifest.layout().sites().size(),
                                manifest.prediction().type())),
                new Fact("machine", Machine.processor()),
                new Fact("software", Machine.software()),
                new Fact("engine threads", EngineSettings.threads()));
    }

    /** Returns what the figures mean. */
    public static List<Fact> definitions() {
        return List.of(
                new Fact(
                        "latency",
                        "wall clock of the denoising loop from noise to the last latent, sampler included; all policies of a prompt"
                                + " run one after another, uncached first, the others in rotating order; warmed up before"),
                new Fact("speed-up", "latency of the uncached clip over that of the cached one, same prompt, same run"),
                new Fact("ideal", "steps over computed steps: what a free reuse would give"),
                new Fact(
                        "PSNR",
                        "over all pixels, colours and frames, values 0 to 1, against the uncached clip of the same seed"),
                new Fact(
                        "SSIM",
                        "of the luma, Gaussian window 11 x 11 (sigma 1.5), mean over frames, against the same clip"),
                new Fact(
                        "LPIPS",
                        "mean over frames, by the network given; the network is the user's, and trained on larger pictures than"
                                + " these may be"),
                new Fact(
                        "FLOP",
                        "floating point operations of the model by its manifest, a multiply-add counts 2; what policies measure and"
                                + " add is not counted"),
                new Fact(
                        "motion, flicker",
                        "mean over pixels of the luma's |f[t+1] - f[t]|, and of |f[t+1] - 2 f[t] + f[t-1]| / 2; to be held against"
                                + " those of the uncached clips"),
                new Fact(
                        "motion kept",
                        "motion of the cached clip over that of the uncached one: below 1 the cached clip moves less; not told of clips that"
                                + " stand still"),
                new Fact(
                        "intervals",
                        "95 of 100 draws of as many clips (bootstrap): of the median speed-up, of the mean PSNR and SSIM"),
                new Fact(
                        "bytes",
                        "at rest: most bytes kept between two steps; at peak: most bytes of tensors known to the session at any"
                                + " moment"));
    }
}
