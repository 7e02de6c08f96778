package io.adacache.bench.sampler;

import org.jspecify.annotations.Nullable;

/**
 * UniPC of second order over shifted noise levels of flow matching: each call first corrects the step that led to it, then predicts
 * the next one from the last two clean latents. First and last step are of first order.
 *
 * <p>Source: Zhao et al., <em>UniPC</em> (arXiv 2302.04867), equations 3 and 9 with B(h) = e^h - 1, on clean predictions; diffusers'
 * {@code UniPCMultistepScheduler} with {@code use_flow_sigmas}, {@code bh2}, and its whole-numbered timesteps. Immutable.
 */
public final class FlowUniPc implements Sampler {
    private static final int ORDER = 2;

    private final float[] levels;
    private final float[] timesteps;
    private final PredictionType prediction;

    /**
     * Creates a sampler.
     *
     * @param steps 1 or more
     * @param shift above 0; 1 leaves the levels even
     */
    public FlowUniPc(int steps, float shift, PredictionType prediction) {
        double[] exact = FlowLevels.uniPc(steps, shift);
        this.levels = new float[steps + 1];
        this.timesteps = new float[steps];
        this.prediction = prediction;
        for (int i = 0; i < steps; i++) {
            levels[i] = (float) exact[i];
            timesteps[i] = (int) (exact[i] * FlowLevels.TOP);
        }
    }

    @Override
    public String name() {
        return "flow-unipc";
    }

    @Override
    public float[] timesteps() {
        return timesteps.clone();
    }

    @Override
    public Run begin(float[] first, NoiseSource noise) {
        return new UniPcRun(first);
    }

    /** How far two levels are apart on a logarithmic scale of clean over noise; what that comes to in the update. */
    private final class Way {
        private final int from;
        private final int to;
        private final double length;
        /** e^-h - 1, which is -1 for the way to the clean latent. */
        private final double phi;

        Way(int from, int to) {
            this.from = from;
            this.to = to;
            this.length = clarity(to) - clarity(from);
            this.phi = Math.expm1(-length);
        }

        private double clarity(int index) {
            return Math.log(1 - (double) levels[index]) - Math.log(levels[index]);
        }

        /** Where the step before began, in lengths of this one; negative. */
        double before() {
            return (clarity(from - 1) - clarity(from)) / length;
        }

        /** The part of the latent that stays. */
        double kept() {
            return (double) levels[to] / levels[from];
        }

        /** How much of the clean latent comes in. */
        double entering() {
            return -(1 - (double) levels[to]) * phi;
        }

        /** The right sides of the conditions of order 1 and 2. */
        double[] conditions() {
            double one = -phi / length - 1;
            double two = -one / length - 0.5;
            return new double[] {one / phi, 2 * two / phi};
        }
    }

    private final class UniPcRun extends LatentRun {
        private float[] cleanBefore = {};
        private float[] clean = {};
        private float[] origin = {};
        private int order;

        UniPcRun(float[] first) {
            super(first, levels.length - 1);
        }

        @Override
        void advance(int call, float[] predicted, float @Nullable [] variance) {
            float[] now = new float[predicted.length];
            for (int i = 0; i < now.length; i++) {
                now[i] = prediction.clean(predicted[i], latent()[i], levels[call]);
            }
            if (call > 0) {
                become(corrected(new Way(call - 1, call), now));
            }
            cleanBefore = clean;
            clean = now;
            order = Math.min(Math.min(ORDER, levels.length - 1 - call), call + 1);
            origin = latent();
            become(predicted(new Way(call, call + 1)));
        }

        /** The last step once more, now that the clean latent at its end is known. */
        private float[] corrected(Way way, float[] atEnd) {
            if (order == 1) {
                return sum(way, 0, 0.5, atEnd);
            }
            double before = way.before();
            double[] conditions = way.conditions();
            double older = (conditions[0] - conditions[1]) / (1 - before);
            return sum(way, older / before, conditions[0] - older, atEnd);
        }

        private float[] predicted(Way way) {
            return order == 1 ? sum(way, 0, 0, clean) : sum(way, 0.5 / way.before(), 0, clean);
        }

        /** From the origin with the last clean latent, and so much of its differences to the one before and to a further one. */
        private float[] sum(Way way, double before, double further, float[] other) {
            double entering = way.entering();
            float[] sum = new float[origin.length];
            for (int i = 0; i < sum.length; i++) {
                double mix = clean[i] + further * (other[i] - clean[i]);
                if (before != 0) {
                    mix += before * (cleanBefore[i] - clean[i]);
                }
                sum[i] = (float) (way.kept() * origin[i] + entering * mix);
            }
            return sum;
        }
    }
}
