package io.adacache;

import static org.assertj.core.api.Assertions.assertThat;

import io.adacache.layout.Layout;
import io.adacache.layout.Layout.Granularity;
import io.adacache.layout.ResidualKind;
import io.adacache.layout.Span;
import io.adacache.spi.Transformer.Embedded;
import io.adacache.testkit.FloatTensor;
import io.adacache.testkit.Layouts;
import io.adacache.testkit.LinearTransformer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whole generations of {@link AdaCache}, latents fed back by a simple sampler, against a naive loop that keeps every residual of every
 * site and decides by {@link NaiveAdaCache}.
 */
class AdaCacheGenerationTest {
    private static final int STEPS = 30;
    private static final int ROWS = 2;
    private static final int FRAMES = 4;
    private static final double TOLERANCE = 1e-5;

    private record Result(List<Integer> computed, float[] latent) {}

    private static List<FloatTensor> inputs(LinearTransformer model, float[] latent, int step) {
        float t = 1000f - (step - 1) * 1000f / STEPS;
        return List.of(
                model.ops().tensor(latent, ROWS, 2, FRAMES, 2, 2), model.ops().tensor(new float[] {t, t}, ROWS));
    }

    private static float[] start(LinearTransformer model, long seed) {
        List<FloatTensor> inputs = model.inputs(seed, ROWS, FRAMES, 2, 2);
        float[] latent = inputs.get(0).data().clone();
        inputs.forEach(model.ops()::release);
        return latent;
    }

    private static void advance(float[] latent, float[] prediction) {
        for (int i = 0; i < latent.length; i++) {
            latent[i] -= prediction[i] / STEPS;
        }
    }

    private static Result generate(AdaCache policy, Layout layout, long seed) {
        LinearTransformer model = LinearTransformer.of(layout);
        float[] latent = start(model, seed);
        try (CacheSession<FloatTensor> session =
                CacheSession.builder(model).policy(policy).steps(STEPS).begin()) {
            for (int step = 1; step <= STEPS; step++) {
                List<FloatTensor> inputs = inputs(model, latent, step);
                FloatTensor prediction = session.step(inputs);
                advance(latent, prediction.data());
                model.ops().release(prediction);
                inputs.forEach(model.ops()::release);
            }
            return new Result(session.trace().computedSteps(), latent);
        }
    }

    private static Result generateNaively(NaiveAdaCache rule, int probe, Layout layout, long seed) {
        LinearTransformer model = LinearTransformer.of(layout);
        float[] latent = start(model, seed);
        int sites = layout.sites().size();
        float[][] kept = new float[sites][];
        for (int step = 1; step <= STEPS; step++) {
            List<FloatTensor> inputs = inputs(model, latent, step);
            try (Embedded<FloatTensor> context = model.embed(inputs)) {
                float[] hidden = context.hidden().data().clone();
                float[] before = kept[probe];
                boolean computes = rule.computes(step);
                for (int site = 0; site < sites; site++) {
                    if (computes) {
                        kept[site] = residual(model, site, hidden, context);
                    }
                    for (int i = 0; i < hidden.length; i++) {
                        hidden[i] += kept[site][i];
                    }
                }
                if (computes) {
                    rule.computed(
                            step,
                            before == null ? null : new double[] {distance(kept[probe], before)},
                            new double[][] {{motion(kept[probe], 1), motion(kept[probe], 2)}});
                }
                FloatTensor end = model.ops().tensor(hidden, context.hidden().shape());
                advance(latent, model.head(end, context).data());
            }
        }
        return new Result(rule.computed, latent);
    }

    private static float[] residual(LinearTransformer model, int site, float[] hidden, Embedded<FloatTensor> context) {
        FloatTensor state = model.ops().tensor(hidden, context.hidden().shape());
        return model.run(new Span(site, site + 1), new int[] {site}, state, context)
                .get(1)
                .data()
                .clone();
    }

    private static double distance(float[] now, float[] then) {
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < now.length; i++) {
            difference += Math.abs((double) now[i] - then[i]);
            norm += Math.abs((double) then[i]);
        }
        return difference / norm;
    }

    /** Over rows, frames of 4 tokens, 2 channels. */
    private static double motion(float[] residual, int stride) {
        int frame = 8;
        int row = FRAMES * frame;
        double difference = 0;
        double norms = 0;
        for (int start = 0; start < residual.length; start += row) {
            for (int i = 0; i < row - stride * frame; i++) {
                double earlier = residual[start + i];
                double later = residual[start + i + stride * frame];
                difference += Math.abs(later - earlier);
                norms += Math.abs(later) + Math.abs(earlier);
            }
        }
        return difference / norms;
    }

    private static void assertSame(Result actual, Result expected) {
        assertThat(actual.computed).isEqualTo(expected.computed);
        double largest = 0;
        double difference = 0;
        for (int i = 0; i < expected.latent.length; i++) {
            largest = Math.max(largest, Math.abs(expected.latent[i]));
            difference = Math.max(difference, Math.abs(expected.latent[i] - actual.latent[i]));
        }
        assertThat(difference / largest).as("max difference over max magnitude").isLessThan(TOLERANCE);
    }

    private static NaiveAdaCache rule(boolean exact, boolean motion) {
        NaiveAdaCache rule = new NaiveAdaCache(STEPS, exact, 1);
        rule.thresholds = new double[] {0.08, 0.16, 0.24, 0.32, 0.40, 1.00};
        rule.rates = new int[] {6, 5, 4, 3, 2, 1};
        rule.moreg = motion;
        rule.power = 2;
        rule.windowFirst = 4;
        rule.windowLast = 26;
        return rule;
    }

    private static AdaCache policy(Granularity granularity, boolean exact, boolean motion) {
        AdaCache.Builder builder = AdaCache.fast().toBuilder().granularity(granularity);
        if (motion) {
            builder.motion(0.385, 2).motionStrides(List.of(1, 2)).motionWindow(4, 26);
        }
        return exact ? builder.referenceExact().build() : builder.build();
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void isTheNaiveLoopWhateverTheGranularity(long seed) {
        for (Layout layout : List.of(Layouts.openSora(3), Layouts.latte(3))) {
            int middle = 1;
            int probe =
                    layout.sitesOf(ResidualKind.TEMPORAL_ATTENTION).get(middle).index();
            for (boolean exact : new boolean[] {false, true}) {
                for (boolean motion : new boolean[] {false, true}) {
                    Result naive = generateNaively(rule(exact, motion), probe, layout, seed);
                    assertThat(naive.computed.size()).isBetween(5, STEPS - 1);
                    for (Granularity granularity : Granularity.values()) {
                        assertSame(generate(policy(granularity, exact, motion), layout, seed), naive);
                    }
                }
            }
        }
    }

    @Test
    void cachingNothingIsThePlainModelUnderEveryGranularity() {
        Layout layout = Layouts.openSora(2);
        AdaCache every = AdaCache.builder()
                .codebook(io.adacache.policy.Codebook.parse("1:1"))
                .build();
        Result plain = generate(every, layout, 1);
        AdaCache nothing = AdaCache.fast().toBuilder().only(site -> false).build();
        Result computed = generate(nothing, layout, 1);
        assertThat(computed.latent).isEqualTo(plain.latent);
        assertThat(plain.computed).hasSize(STEPS);
    }

    @Test
    void cachingSomeKindsStaysBetweenAllAndNone() {
        Layout layout = Layouts.openSora(3);
        List<Result> results = new ArrayList<>();
        for (Granularity granularity : Granularity.values()) {
            results.add(generate(
                    AdaCache.fast().toBuilder()
                            .granularity(granularity)
                            .only(site -> site.kind() != ResidualKind.MLP)
                            .build(),
                    layout,
                    1));
        }
        assertSame(results.get(1), results.get(0));
        assertSame(results.get(2), results.get(0));
        assertThat(results.get(0).latent).isNotEqualTo(generate(AdaCache.fast(), layout, 1).latent);
    }

    /** Each residual with a schedule of its own: which sites were computed, step by step, and the latent. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void ownSchedulesAreANaiveLoopOverSites(long seed) {
        Layout layout = Layouts.openSora(2);
        LinearTransformer model = LinearTransformer.of(layout);
        int sites = layout.sites().size();
        List<NaiveAdaCache> rules =
                layout.sites().stream().map(site -> rule(false, false)).toList();
        float[][] kept = new float[sites][];
        float[] naive = start(model, seed);
        AdaCache policy = AdaCache.fast().toBuilder().ownSchedules().build();
        float[] latent = start(model, seed);
        try (CacheSession<FloatTensor> session =
                CacheSession.builder(model).policy(policy).steps(STEPS).begin()) {
            for (int step = 1; step <= STEPS; step++) {
                advance(latent, session.step(inputs(model, latent, step)).data());
                try (Embedded<FloatTensor> context = model.embed(inputs(model, naive, step))) {
                    float[] hidden = context.hidden().data().clone();
                    for (int site = 0; site < sites; site++) {
                        boolean computes = rules.get(site).computes(step);
                        assertThat(session.trace()
                                        .steps()
                                        .get(step - 1)
                                        .parts()
                                        .get(site)
                                        .computed())
                                .as("site %d in step %d", site, step)
                                .isEqualTo(computes);
                        if (computes) {
                            float[] before = kept[site];
                            kept[site] = residual(model, site, hidden, context);
                            double[] raw = before == null ? null : new double[] {distance(kept[site], before)};
                            rules.get(site).computed(step, raw, new double[1][0]);
                        }
                        for (int i = 0; i < hidden.length; i++) {
                            hidden[i] += kept[site][i];
                        }
                    }
                    FloatTensor end =
                            model.ops().tensor(hidden, context.hidden().shape());
                    advance(naive, model.head(end, context).data());
                }
            }
        }
        assertSame(new Result(List.of(), latent), new Result(List.of(), naive));
        assertThat(rules.stream().map(rule -> rule.computed).distinct())
                .as("schedules differ")
                .hasSizeGreaterThan(1);
    }
}
