package io.adacache;

import io.adacache.adaptive.AdaptivePolicy;
import io.adacache.adaptive.AdaptiveSettings;
import io.adacache.adaptive.Location;
import io.adacache.adaptive.Preset;
import io.adacache.layout.Layout;
import io.adacache.layout.Layout.Granularity;
import io.adacache.layout.ResidualKind;
import io.adacache.layout.Site;
import io.adacache.metric.Metric;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Codebook;
import io.adacache.policy.Forecast;
import io.adacache.policy.Generation;
import io.adacache.policy.PolicyRun;
import io.adacache.policy.Setting;
import io.adacache.policy.Settings;
import io.adacache.policy.Settings.Range;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Adaptive caching: the rate of change of one residual decides for how many steps all residuals are reused.
 *
 * <p>After a computed step the probe (by default the temporal-attention residual of the middle block) is compared with what it was
 * when last computed; the distance per step of gap, times the motion factor, is looked up in a {@link Codebook}; the cache rate
 * found there is the number of steps to the next computation. Step 1 and the last two steps are always computed. Which codebook a
 * preset takes is decided when a generation begins and its number of steps is known.
 *
 * <p>Source: <em>Adaptive Caching for Faster Video Generation with Diffusion Transformers</em> (arXiv 2411.02397), equations 4 to
 * 9, and the published code. Where the published code has a fault, the default does the right thing;
 * {@link Builder#referenceExact()} reproduces it. Immutable.
 */
public final class AdaCache implements CachePolicy {
    private static final String MOTION_SUFFIX = "-moreg";

    private final AdaptivePolicy policy;

    private AdaCache(AdaptivePolicy policy) {
        this.policy = policy;
    }

    /** Returns the policy that a text described, open to a builder. */
    static AdaCache of(AdaptivePolicy policy) {
        return new AdaCache(policy);
    }

    /** Returns the fast preset: the published codebooks for 30 and 100 steps; other numbers take the nearer of the two. */
    public static AdaCache fast() {
        return preset(Preset.FAST);
    }

    /** Returns the medium preset: rates published for 100 steps, thresholds ours; for 30 steps all ours. */
    public static AdaCache medium() {
        return preset(Preset.MEDIUM);
    }

    /** Returns the slow preset: the published codebook for 30 steps; for 100 steps published rates with thresholds of ours. */
    public static AdaCache slow() {
        return preset(Preset.SLOW);
    }

    private static AdaCache preset(Preset preset) {
        String name = AdaptivePolicy.nameOf(preset);
        return new AdaCache(new AdaptivePolicy(name, preset, Settings.of(name)));
    }

    /** Returns a builder that begins with the fast preset's settings. */
    public static Builder builder() {
        return new Builder(new AdaptivePolicy("adacache", Preset.FAST, Settings.of("adacache")));
    }

    /** Returns a builder with this policy's settings. */
    public Builder toBuilder() {
        return new Builder(policy);
    }

    /** Returns the same policy with motion regularisation, the published constants (chosen for Open-Sora). */
    public AdaCache withMotionRegularization() {
        return toBuilder().motion(true).build();
    }

    /** Returns the codebook that a generation of so many steps takes. */
    public Codebook codebook(int steps) {
        return policy.codebook(steps);
    }

    /** Returns the steps of so many in which motion counts, if {@linkplain Builder#motion it does}. */
    public Range motionWindow(int steps) {
        return policy.motionWindow(steps);
    }

    @Override
    public String name() {
        return policy.name();
    }

    @Override
    public Set<Requirement> requirements() {
        return policy.requirements();
    }

    @Override
    public PolicyRun begin(Layout layout, Generation generation) {
        return policy.begin(layout, generation);
    }

    @Override
    public Optional<CachePolicy> lighter() {
        return policy.lighter();
    }

    @Override
    public String toString() {
        return name();
    }

    /** Builds an {@link AdaCache}. Essential: the codebook. Frequent: motion, granularity. Rare: the rest. */
    public static final class Builder {
        private final AdaptivePolicy base;
        private Settings settings;

        private Builder(AdaptivePolicy base) {
            this.base = base;
            this.settings = base.settings();
        }

        private <V> Builder with(Setting<V> setting, V value) {
            settings = settings.with(setting, value);
            return this;
        }

        /** Sets the thresholds and rates, for every number of steps. */
        public Builder codebook(Codebook value) {
            return with(AdaptiveSettings.CODEBOOK, value);
        }

        /**
         * Sets whether less is cached where the video moves more; false by default. Then the distance is multiplied by
         * {@code f + |g|}, with the constants of the published code (chosen for Open-Sora) where no others are set.
         *
         * <p>Per stride i the motion score is {@code m_i = |r[i:] - r[:-i]| / (|r[i:]| + |r[:-i]|)}, r the probe cut into latent
         * frames; m is their mean (AdaCache, equation 7). Inside the window {@code f = (m / scale)^power / divisor}, outside
         * {@code f = 1}. The motion gradient is {@code g = weight (f - previous f) / gap} (equation 8).
         */
        public Builder motion(boolean value) {
            return with(AdaptiveSettings.MOTION, value);
        }

        /**
         * Switches motion regularisation on, with constants that a new model needs first.
         *
         * @param scale motion score that leaves the distance as it is; 0.385 was chosen for Open-Sora
         * @param power how sharply the factor falls and rises around the scale; 8 for Open-Sora
         */
        public Builder motion(double scale, double power) {
            return motion(true)
                    .with(AdaptiveSettings.MOTION_SCALE, positive("scale", scale))
                    .with(AdaptiveSettings.MOTION_POWER, power);
        }

        /** Sets the weight of the motion gradient; 10 in the published code, 0 for none. */
        public Builder motionGradient(double weight) {
            if (!(weight >= 0)) {
                throw new IllegalArgumentException("The weight of the motion gradient is 0 or more, but got " + weight);
            }
            return with(AdaptiveSettings.MOTION_GRADIENT, weight);
        }

        /** Sets the divisor of the motion factor; 1 in the published code. */
        public Builder motionDivisor(double value) {
            return with(AdaptiveSettings.MOTION_DIVISOR, positive("divisor", value));
        }

        /** Sets the distances between the latent frames that are compared; 1 in the published code. */
        public Builder motionStrides(List<Integer> values) {
            return with(AdaptiveSettings.MOTION_STRIDES, List.copyOf(values));
        }

        /**
         * Sets the steps in which motion counts, from 1, both ends included; by default 4 to 26 of 30 and 10 to 90 of 100 as published,
         * and the same tenth of other numbers.
         */
        public Builder motionWindow(int first, int last) {
            return with(AdaptiveSettings.MOTION_WINDOW, new Range(first, last));
        }

        private static double positive(String what, double value) {
            if (!(value > 0)) {
                throw new IllegalArgumentException("The motion " + what + " is greater than 0, but got " + value);
            }
            return value;
        }

        /** Sets how finely residuals are kept; {@link Granularity#FUSED} by default. */
        public Builder granularity(Granularity value) {
            return with(AdaptiveSettings.SPANS, value);
        }

        /** Sets the metric; {@link Metric#L1} by default. */
        public Builder metric(Metric value) {
            return with(AdaptiveSettings.METRIC, value);
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
            return with(AdaptiveSettings.RESIDUAL, Set.copyOf(all));
        }

        /**
         * Sets where the distance is measured; the middle block by default. Of several, the running mean is taken in order.
         *
         * @param values {@code start}, {@code middle}, {@code end} or a block's index (AdaCache, table 3b); at least one
         */
        public Builder locations(String... values) {
            if (values.length == 0) {
                throw new IllegalArgumentException("The distance is measured at one location or more");
            }
            return with(
                    AdaptiveSettings.LOCATION,
                    Stream.of(values).map(Location::parse).toList());
        }

        /** Sets which sites are cached; all by default. The others are computed in every step. */
        public Builder only(Predicate<Site> value) {
            return with(AdaptiveSettings.ONLY_WHERE, value);
        }

        /**
         * Reproduces the published code with its quirks: the distance is divided by the scheduled instead of the true gap, and a
         * distance that is not a number takes the last rate of the codebook; of a codebook longer than six entries only the
         * first five and the last are read.
         */
        public Builder referenceExact() {
            return with(AdaptiveSettings.REFERENCE_EXACT, true);
        }

        /**
         * The same, after a generation that left its motion factors behind: the published code carries them over to the next.
         *
         * @param motionLeftBehind the factor with which the first gradient is taken, per measured place in order
         */
        public Builder referenceExact(List<Double> motionLeftBehind) {
            return referenceExact().with(AdaptiveSettings.MOTION_LEFT_BEHIND, List.copyOf(motionLeftBehind));
        }

        /**
         * Sets how reused residuals follow from the kept ones; {@link Forecast#REPEAT} by default, as in the paper. A forecast
         * of order n holds n more sums per span.
         */
        public Builder forecast(Forecast value) {
            return with(AdaptiveSettings.FORECAST, value.order())
                    .with(AdaptiveSettings.FORECAST_SCHEME, value.scheme())
                    .with(AdaptiveSettings.FORECAST_REACH, value.reach())
                    .with(AdaptiveSettings.FORECAST_DAMPING, OptionalDouble.of(value.damping()));
        }

        /**
         * Sets the same, and damps it by how well it would have served last time: at each computed step, the share of the way that
         * was forecast and was indeed gone, between 0 (as if it repeated) and 1. The forecast's own damping does not matter then.
         * Ours, not the paper's.
         */
        public Builder adaptiveForecast(Forecast value) {
            return forecast(value).with(AdaptiveSettings.FORECAST_DAMPING, OptionalDouble.empty());
        }

        /**
         * Gives each residual a schedule of its own, from its own distance, instead of the common one; with
         * {@link Granularity#PAIRS} each pair. The paper tried it and found it unstable. Residuals and locations
         * to measure at do not matter then, and every distance is measured.
         */
        public Builder ownSchedules() {
            return with(AdaptiveSettings.SCHEDULE, AdaptiveSettings.Schedules.OWN);
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
            return with(AdaptiveSettings.FIRST, first).with(AdaptiveSettings.LAST, last);
        }

        /** Returns the policy. */
        public AdaCache build() {
            String plain = settings.policy().replace(MOTION_SUFFIX, "");
            boolean motion = settings.get(AdaptiveSettings.MOTION);
            return new AdaCache(new AdaptivePolicy(plain + (motion ? MOTION_SUFFIX : ""), base.preset(), settings));
        }
    }
}
