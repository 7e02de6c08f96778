package io.adacache.bench.tune;

import io.adacache.AdaCache;
import io.adacache.bench.pipeline.Clip;
import io.adacache.bench.pipeline.Conditioning;
import io.adacache.bench.pipeline.Decoder;
import io.adacache.bench.pipeline.Denoised;
import io.adacache.bench.pipeline.Pipeline;
import io.adacache.bench.quality.Quality;
import io.adacache.bench.sampler.Noise;
import io.adacache.event.Trace.StepRecord;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Codebook;
import io.adacache.policy.Figures;
import io.adacache.policy.Settings.Range;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Searches the constants of motion regularisation for a model.
 *
 * <p>Motion regularisation moves computed steps from clips that are still to clips that move. A candidate is therefore held
 * against the same codebook with all thresholds divided by one number, which spends steps on all clips alike: its <em>gain</em> is
 * the mean PSNR over what the plain codebook reaches at the same mean number of computed steps (linear between the numbers tried).
 */
public final class MotionTuner {
    private static final double[] DIVISORS = {0.35, 0.5, 0.7, 1, 1.4, 2, 2.8, 4, 5.6};
    private static final double[] POWERS = {0.5, 1, 2};
    private static final double[] GRADIENTS = {0, 1};
    private static final double[] QUANTILES = {0.3, 0.5, 0.7, 0.85};

    private final Pipeline pipeline;
    private final Decoder decoder;
    private final List<Conditioning> subjects;
    private final long seed;
    private final AdaCache base;
    private final List<Clip> references = new ArrayList<>();

    /**
     * A point of the search.
     *
     * @param scale motion score that leaves the distance as it is
     * @param power of the motion factor
     * @param gradient weight of the motion gradient
     * @param computed mean computed steps
     * @param counts different numbers of computed steps over the clips
     * @param psnr mean PSNR against the uncached clips, dB
     * @param gain PSNR over the plain codebook at the same number of computed steps, dB
     */
    public record Point(
            double scale, double power, double gradient, double computed, long counts, double psnr, double gain) {}

    /**
     * Prepares a search.
     *
     * @param subjects what the clips show on which it searches
     * @param seed of the first clip; the next ones count on from it
     * @param base the policy to regularise
     */
    public MotionTuner(Pipeline pipeline, List<Conditioning> subjects, long seed, AdaCache base) {
        this.pipeline = pipeline;
        this.decoder = pipeline.decoder();
        this.subjects = List.copyOf(subjects);
        this.seed = seed;
        this.base = base.toBuilder().motion(false).build();
    }

    /** Returns how many generations {@link #run} makes. */
    public int generations() {
        return subjects.size() * (1 + DIVISORS.length + POWERS.length * GRADIENTS.length * QUANTILES.length);
    }

    /** Returns all points, the best gain first. */
    public List<Point> run(Runnable progress) {
        List<Double> scores = scores(progress);
        List<Measured> plain = new ArrayList<>();
        for (double divisor : DIVISORS) {
            plain.add(measure(
                    base.toBuilder()
                            .codebook(divided(base.codebook(pipeline.calls()), divisor))
                            .build(),
                    progress));
        }
        plain.sort(Comparator.comparingDouble(Measured::computed));
        List<Point> points = new ArrayList<>();
        for (double quantile : QUANTILES) {
            double scale = round(scores.get((int) (quantile * (scores.size() - 1))));
            for (double power : POWERS) {
                for (double gradient : GRADIENTS) {
                    points.add(point(scale, power, gradient, plain, progress));
                }
            }
        }
        points.sort(Comparator.comparingDouble(Point::gain).reversed());
        return points;
    }

    private Point point(double scale, double power, double gradient, List<Measured> plain, Runnable progress) {
        Measured measured = measure(
                base.toBuilder().motion(scale, power).motionGradient(gradient).build(), progress);
        return new Point(
                scale,
                power,
                gradient,
                measured.computed,
                measured.counts,
                measured.psnr,
                measured.psnr - at(measured.computed, plain));
    }

    /** Runs the uncached model once per clip; returns the motion scores inside the window, ascending. */
    private List<Double> scores(Runnable progress) {
        AdaCache everyStep = base.toBuilder()
                .codebook(Codebook.parse("1:1"))
                .motion(true)
                .motionGradient(0)
                .build();
        Range window = everyStep.motionWindow(pipeline.calls());
        List<Double> scores = new ArrayList<>();
        for (int i = 0; i < subjects.size(); i++) {
            Denoised made = generate(i, everyStep);
            references.add(decoder.decode(made.latent()));
            for (StepRecord step : made.trace().steps()) {
                if (window.contains(step.step())) {
                    step.figures().stream()
                            .map(figures -> figures.get(Figures.MOTION))
                            .filter(OptionalDouble::isPresent)
                            .forEach(score -> scores.add(score.getAsDouble()));
                }
            }
            progress.run();
        }
        scores.sort(Comparator.naturalOrder());
        return scores;
    }

    private Denoised generate(int subject, CachePolicy policy) {
        return pipeline.denoise(subjects.get(subject), policy, new Noise(seed + subject), call -> {});
    }

    private record Measured(double computed, long counts, double psnr) {}

    private Measured measure(CachePolicy policy, Runnable progress) {
        double computed = 0;
        double psnr = 0;
        Map<Integer, Integer> counts = new HashMap<>();
        for (int i = 0; i < subjects.size(); i++) {
            Denoised made = generate(i, policy);
            computed += made.stats().computedSteps();
            psnr += Quality.of(decoder.decode(made.latent()), references.get(i)).psnr();
            counts.merge(made.stats().computedSteps(), 1, Integer::sum);
            progress.run();
        }
        return new Measured(computed / subjects.size(), counts.size(), psnr / subjects.size());
    }

    /** The plain codebook's PSNR at a number of computed steps, linear between the points tried. */
    private static double at(double computed, List<Measured> plain) {
        for (int i = 1; i < plain.size(); i++) {
            Measured low = plain.get(i - 1);
            Measured high = plain.get(i);
            if (computed <= high.computed || i == plain.size() - 1) {
                double width = high.computed - low.computed;
                double share = width == 0 ? 1 : (computed - low.computed) / width;
                return low.psnr + share * (high.psnr - low.psnr);
            }
        }
        return plain.get(0).psnr;
    }

    private static Codebook divided(Codebook codebook, double divisor) {
        return new Codebook(codebook.entries().stream()
                .map(entry -> new Codebook.Entry(entry.threshold() / divisor, entry.rate()))
                .toList());
    }

    private static double round(double value) {
        return Math.round(value * 1000) / 1000.0;
    }
}
