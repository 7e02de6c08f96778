package io.adacache;

import io.adacache.layout.Layout;
import io.adacache.layout.ResidualKind;
import io.adacache.layout.Site;
import io.adacache.metric.Metric;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Codebook;
import io.adacache.policy.Forecast;
import io.adacache.policy.Generation;
import io.adacache.policy.PolicyRun;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Adaptive caching: the rate of change of one residual decides for how many steps all residuals are reused.
 *
 * <p>After a computed step the probe (by default the temporal-attention residual of the middle block) is compared with what it was
 * when last computed; the distance per step of gap, times the motion factor, is looked up in a {@link Codebook}; the cache rate
 * found there is the number of steps to the next computation. Step 1 and the last two steps are always computed.
 *
 * <p>Source: <em>Adaptive Caching for Faster Video Generation with Diffusion Transformers</em> (arXiv 2411.02397), equations 4 to
 * 9, and the published code. Where the published code has a fault, the default does the right thing;
 * {@link Builder#referenceExact()} reproduces it. Immutable.
 */
public final class AdaCache implements CachePolicy {
    private static final Codebook FAST_30 = Codebook.parse("0.08:6;0.16:5;0.24:4;0.32:3;0.40:2;1.00:1");
    private static final Codebook SLOW_30 = Codebook.parse("0.08:3;0.16:2;0.24:1;0.32:1;0.40:1;1.00:1");
    private static final Codebook FAST_100 = Codebook.parse("0.03:12;0.05:10;0.07:8;0.09:6;0.11:4;1.00:3");
    /** Published rates (table 3f), thresholds ours: those of the fast codebook. */
    private static final Codebook MEDIUM_100 = Codebook.parse("0.03:8;0.05:6;0.07:4;0.09:2;1.00:1");
    /** Published rates (table 3f), threshold ours: the first of the fast codebook. */
    private static final Codebook SLOW_100 = Codebook.parse("0.03:2;1.00:1");
    /** Ours: between fast and slow. */
    private static final Codebook MEDIUM_30 = Codebook.parse("0.08:4;0.16:3;0.24:2;0.32:1;1.00:1");
    /** From this number of steps on, presets take the codebooks for 100 steps. */
    private static final int MANY_STEPS = 65;

    final String preset;
    final @Nullable String label;
    final Codebook codebook;
    final Metric metric;
    final Set<ResidualKind> residuals;
    final List<Location> locations;
    final @Nullable MotionRegularization motion;
    final Granularity granularity;
    final Predicate<Site> cached;
    final boolean referenceExact;
    final List<Double> previousMotion;
    final Forecast forecast;
    final boolean adaptsForecast;
    final boolean ownSchedules;
    final int forcedFirst;
    final int forcedLast;

    private AdaCache(Builder builder) {
        this.preset = builder.preset;
        this.label = builder.label;
        this.codebook = builder.referenceExact ? builder.codebook.asPublishedCodeReadsIt() : builder.codebook;
        this.metric = builder.metric;
        this.residuals = Set.copyOf(builder.residuals);
        this.locations = List.copyOf(builder.locations);
        this.motion = builder.motion;
        this.granularity = builder.granularity;
        this.cached = builder.cached;
        this.referenceExact = builder.referenceExact;
        this.previousMotion = List.copyOf(builder.previousMotion);
        this.forecast = builder.forecast;
        this.adaptsForecast = builder.adaptsForecast;
        this.ownSchedules = builder.ownSchedules;
        this.forcedFirst = builder.forcedFirst;
        this.forcedLast = builder.forcedLast;
    }

    /**
     * Returns the fast preset: published codebooks for 30 and 100 steps; other numbers take the nearer of the two.
     *
     * @param steps number of steps of the generation
     */
    public static AdaCache fast(int steps) {
        return preset("adacache-fast", steps >= MANY_STEPS ? FAST_100 : FAST_30);
    }

    /**
     * Returns the medium preset: rates published for 100 steps, thresholds ours; for 30 steps all ours.
     *
     * @param steps number of steps of the generation
     */
    public static AdaCache medium(int steps) {
        return preset("adacache-medium", steps >= MANY_STEPS ? MEDIUM_100 : MEDIUM_30);
    }

    /**
     * Returns the slow preset: the published codebook for 30 steps; for 100 steps published rates with thresholds of ours.
     *
     * @param steps number of steps of the generation
     */
    public static AdaCache slow(int steps) {
        return preset("adacache-slow", steps >= MANY_STEPS ? SLOW_100 : SLOW_30);
    }

    private static AdaCache preset(String name, Codebook codebook) {
        Builder builder = new Builder().codebook(codebook);
        builder.preset = name;
        return builder.build();
    }

    /** Returns a builder with the fast preset's settings for 30 steps. */
    public static Builder builder() {
        return new Builder();
    }

    /** Returns a builder with this policy's settings. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.preset = preset;
        builder.codebook = codebook;
        builder.metric = metric;
        builder.residuals = residuals;
        builder.locations = locations;
        builder.motion = motion;
        builder.granularity = granularity;
        builder.cached = cached;
        builder.referenceExact = referenceExact;
        builder.previousMotion = previousMotion;
        builder.forecast = forecast;
        builder.adaptsForecast = adaptsForecast;
        builder.ownSchedules = ownSchedules;
        builder.forcedFirst = forcedFirst;
        builder.forcedLast = forcedLast;
        return builder;
    }

    /**
     * Returns the same policy with motion regularisation, the published constants (chosen for Open-Sora).
     *
     * @param steps number of steps of the generation, for the step window
     */
    public AdaCache withMotionRegularization(int steps) {
        return withMotionRegularization(MotionRegularization.forSteps(steps));
    }

    /** Returns the same policy with the given motion regularisation. */
    public AdaCache withMotionRegularization(MotionRegularization regularization) {
        return toBuilder().motion(regularization).build();
    }

    @Override
    public String name() {
        return label != null ? label : preset + (motion == null ? "" : "-moreg");
    }

    /** Returns the codebook. */
    public Codebook codebook() {
        return codebook;
    }

    @Override
    public PolicyRun begin(Layout layout, Generation generation) {
        if (layout.isOpaque()) {
            throw CachePolicy.needsSites(name());
        }
        return new AdaCacheRun(this, layout, generation);
    }

    @Override
    public String toString() {
        return name() + "[" + codebook + "]";
    }

    /** Builds an {@link AdaCache}. Essential: the codebook. Frequent: motion, granularity. Rare: the rest. */
    public static final class Builder {
        private String preset = "adacache";
        private @Nullable String label;
        private Codebook codebook = FAST_30;
        private Metric metric = Metric.L1;
        private Set<ResidualKind> residuals = Set.of(ResidualKind.TEMPORAL_ATTENTION);
        private List<Location> locations = List.of(Location.Relative.MIDDLE);
        private @Nullable MotionRegularization motion;
        private Granularity granularity = Granularity.FUSED;
        private Predicate<Site> cached = site -> true;
        private boolean referenceExact;
        private List<Double> previousMotion = List.of();
        private Forecast forecast = Forecast.REPEAT;
        private boolean adaptsForecast;
        private boolean ownSchedules;
        private int forcedFirst = 1;
        private int forcedLast = 2;

        private Builder() {}

        /** Sets the thresholds and rates. */
        public Builder codebook(Codebook value) {
            this.codebook = value;
            return this;
        }

        /** Sets the motion regularisation; null for none (the default). */
        public Builder motion(@Nullable MotionRegularization value) {
            this.motion = value;
            return this;
        }

        /** Sets how finely residuals are kept; {@link Granularity#FUSED} by default. */
        public Builder granularity(Granularity value) {
            this.granularity = value;
            return this;
        }

        /** Sets the metric; {@link Metric#L1} by default. */
        public Builder metric(Metric value) {
            this.metric = value;
            return this;
        }

        /**
         * Sets which residuals are measured; the temporal attention by default. With several kinds, their sum within a transformer
         * block ({@code ca-mlp} of the published code is cross-attention and MLP). At a location, every transformer block of
         * that index that has one of the kinds is measured: cross-attention and MLP are measured in the spatial block and then in
         * the temporal block. A model without the chosen self-attention is measured at the self-attention it has.
         */
        public Builder residuals(ResidualKind first, ResidualKind... more) {
            List<ResidualKind> all = new ArrayList<>(List.of(more));
            all.add(first);
            return residuals(Set.copyOf(all));
        }

        Builder residuals(Set<ResidualKind> all) {
            if (all.isEmpty()) {
                throw new IllegalArgumentException("The distance is measured on one residual kind or more");
            }
            this.residuals = Set.copyOf(all);
            return this;
        }

        /** Sets the name that reports show. */
        Builder label(String value) {
            this.label = value;
            return this;
        }

        /** Sets where the distance is measured; the middle block by default. Of several, the running mean is taken in order. */
        public Builder locations(List<? extends Location> values) {
            if (values.isEmpty()) {
                throw new IllegalArgumentException("The distance is measured at one location or more");
            }
            this.locations = List.copyOf(values);
            return this;
        }

        /** Sets which sites are cached; all by default. The others are computed in every step. */
        public Builder only(Predicate<Site> value) {
            this.cached = value;
            return this;
        }

        /**
         * Reproduces the published code with its quirks: the distance is divided by the scheduled instead of the true gap, and a
         * distance that is not a number takes the last rate of the codebook; of a codebook longer than six entries only the
         * first five and the last are read.
         */
        public Builder referenceExact() {
            this.referenceExact = true;
            return this;
        }

        /**
         * Sets the motion factor with which the first gradient is taken, per measured place in order; 1 by default. The published
         * code carries it over from one generation to the next.
         */
        public Builder previousMotion(List<Double> values) {
            this.previousMotion = values;
            return this;
        }

        /**
         * Sets how reused residuals follow from the kept ones; {@link Forecast#REPEAT} by default, as in the paper. A forecast
         * of order n holds n more sums per span.
         */
        public Builder forecast(Forecast value) {
            this.forecast = value;
            return this;
        }

        /**
         * Damps the forecast by how well it would have served last time: at each computed step, the share of the way that was
         * forecast and was indeed gone, between 0 (as if it repeated) and 1. Ours, not the paper's.
         */
        public Builder adaptForecast() {
            this.adaptsForecast = true;
            return this;
        }

        /**
         * Gives each residual a schedule of its own, from its own distance, instead of the common one; with
         * {@link Granularity#PAIRS} each pair. The paper tried it and found it unstable. Residuals and locations
         * to measure at do not matter then, and every distance is measured.
         */
        public Builder ownSchedules() {
            this.ownSchedules = true;
            return this;
        }

        /**
         * Sets how many steps at both ends are computed whatever the distance; 1 and 2 by default, as in the published code.
         *
         * @param first steps at the beginning, 1 or more
         * @param last steps at the end, 0 or more
         */
        public Builder forced(int first, int last) {
            if (first < 1 || last < 0) {
                throw new IllegalArgumentException(
                        "AdaCache computes the first step, and 0 or more last ones, but got first=" + first
                                + " and last=" + last);
            }
            this.forcedFirst = first;
            this.forcedLast = last;
            return this;
        }

        /** Returns the policy. */
        public AdaCache build() {
            return new AdaCache(this);
        }
    }
}
