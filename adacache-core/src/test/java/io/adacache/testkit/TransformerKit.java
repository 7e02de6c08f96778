package io.adacache.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.adacache.layout.ResidualKind;
import io.adacache.layout.Site;
import io.adacache.layout.Span;
import io.adacache.layout.TokenGrid;
import io.adacache.spi.Transformer;
import io.adacache.spi.Transformer.Embedded;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every {@link Transformer} must do. On an opaque model only the tests of {@code forward} run.
 *
 * @param <T> the engine's tensor type
 */
public abstract class TransformerKit<T> {
    private static final long SEED = 7;

    private ModelHarness<T> harness;
    private Transformer<T> model;
    private List<T> inputs;
    private final List<T> owned = new ArrayList<>();
    private long liveBefore;

    /** Returns a fresh harness. */
    protected abstract ModelHarness<T> harness();

    /** Returns the relative error allowed where numbers are added in another order; fp32 by default. */
    protected double tolerance() {
        return 1e-5;
    }

    /** Whether running the sites in parts, or by {@code forward}, gives the same bits; so it is in fp32 on a CPU. */
    protected boolean isExact() {
        return true;
    }

    /** Whether the model takes calls of more than one size. */
    protected boolean takesOtherSizes() {
        return true;
    }

    /** Whether predictions are of the latent's shape, but for more channels: false where a condition lies behind the noise. */
    protected boolean predictsTheLatentsShape() {
        return true;
    }

    @BeforeEach
    final void open() {
        harness = harness();
        model = harness.transformer();
        liveBefore = harness.live();
        inputs = harness.inputs(SEED);
    }

    @AfterEach
    final void everyTensorIsGivenBack() {
        owned.forEach(model.ops()::release);
        harness.freeAll(inputs);
        assertThat(harness.live()).as("live tensors at the end").isEqualTo(liveBefore);
        harness.close();
    }

    private T own(T tensor) {
        owned.add(tensor);
        return tensor;
    }

    private List<T> own(List<T> tensors) {
        owned.addAll(tensors);
        return tensors;
    }

    private void assertSame(T actual, float[] expected) {
        if (isExact()) {
            assertThat(harness.values(actual)).isEqualTo(expected);
        } else {
            assertClose(harness.values(actual), expected);
        }
    }

    private void assertClose(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        double largest = 0;
        for (float value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i]).as("element %d", i).isCloseTo(expected[i], within((float) (tolerance() * largest)));
        }
    }

    private float[] forward(List<T> call) {
        T prediction = model.forward(call);
        float[] values = harness.values(prediction);
        model.ops().release(prediction);
        return values;
    }

    private float[] inParts(List<T> call) {
        try (Embedded<T> context = model.embed(call)) {
            T hidden = context.hidden();
            T after = model.run(model.layout().stack(), new int[0], hidden, context)
                    .get(0);
            T prediction = model.head(after, context);
            float[] values = harness.values(prediction);
            List.of(hidden, after, prediction).forEach(model.ops()::release);
            return values;
        }
    }

    private interface Embedding<T> {
        void use(T hidden, Embedded<T> context);
    }

    private void embedded(Embedding<T> test) {
        assumeFalse(model.layout().isOpaque(), "an opaque model has no sites");
        try (Embedded<T> context = model.embed(inputs)) {
            test.use(own(context.hidden()), context);
        }
    }

    @Test
    void forwardIsRepeatable() {
        assertThat(forward(inputs)).isEqualTo(forward(inputs));
    }

    @Test
    void theLatentIsOneOfTheInputs() {
        T latent = model.latent(inputs);
        assertThat(inputs.stream().anyMatch(input -> input == latent)).isTrue();
    }

    @Test
    void thePredictionHasTheLatentsShapeAndAtLeastItsChannels() {
        long[] latent = harness.shape(model.latent(inputs));
        long[] prediction = harness.shape(own(model.forward(inputs)));
        // Channels are the second or the third size, or the last; only they may be more.
        boolean same = prediction.length == latent.length;
        int larger = 0;
        for (int axis = 0; same && axis < latent.length; axis++) {
            same = prediction[axis] >= latent[axis];
            larger += prediction[axis] > latent[axis] ? 1 : 0;
        }
        same &= larger <= 1;
        assertThat(same)
                .as("%s of a latent %s", Arrays.toString(prediction), Arrays.toString(latent))
                .isEqualTo(predictsTheLatentsShape());
    }

    @Test
    void embedRunHeadIsForward() {
        assumeFalse(model.layout().isOpaque(), "an opaque model has no sites");
        float[] expected = forward(inputs);
        if (isExact()) {
            assertThat(inParts(inputs)).isEqualTo(expected);
        } else {
            assertClose(inParts(inputs), expected);
        }
    }

    @Test
    void anotherSizeWorksToo() {
        assumeTrue(takesOtherSizes());
        assumeFalse(model.layout().isOpaque(), "an opaque model has no sites");
        List<T> other = harness.inputsOfOtherSize(SEED);
        assertThat(model.check(other)).isNotEqualTo(model.check(inputs));
        assertClose(inParts(other), forward(other));
        harness.freeAll(other);
    }

    @Test
    void theHiddenStateIsAsCheckSays() {
        embedded((hidden, context) -> {
            TokenGrid grid = model.check(inputs);
            assertThat(harness.shape(hidden)).containsExactly(grid.rows(), grid.tokens(), grid.channels());
            T after = own(model.run(model.layout().stack(), new int[0], hidden, context))
                    .get(0);
            assertThat(harness.shape(after)).containsExactly(grid.rows(), grid.tokens(), grid.channels());
        });
    }

    @Test
    void twoSpansAreOneSpan() {
        embedded((hidden, context) -> {
            int sites = model.layout().sites().size();
            float[] whole = harness.values(own(model.run(new Span(0, sites), new int[0], hidden, context))
                    .get(0));
            for (int cut = 1; cut < sites; cut++) {
                T middle = own(model.run(new Span(0, cut), new int[0], hidden, context))
                        .get(0);
                T end = own(model.run(new Span(cut, sites), new int[0], middle, context))
                        .get(0);
                assertSame(end, whole);
            }
        });
    }

    @Test
    void siteBySiteIsTheWholeStack() {
        embedded((hidden, context) -> {
            float[] whole = harness.values(own(model.run(model.layout().stack(), new int[0], hidden, context))
                    .get(0));
            T state = hidden;
            for (Span site : model.layout().perSite()) {
                state = own(model.run(site, new int[0], state, context)).get(0);
            }
            assertSame(state, whole);
        });
    }

    @Test
    void capturedResidualsAddUpToTheDifference() {
        embedded((hidden, context) -> {
            Span stack = model.layout().stack();
            int[] capture = IntStream.range(0, stack.last()).toArray();
            List<T> ran = own(model.run(stack, capture, hidden, context));
            assertThat(ran).hasSize(1 + capture.length);
            assertSame(
                    ran.get(0),
                    harness.values(
                            own(model.run(stack, new int[0], hidden, context)).get(0)));
            float[] sum = harness.values(hidden);
            for (T residual : ran.subList(1, ran.size())) {
                assertThat(harness.shape(residual)).isEqualTo(harness.shape(hidden));
                float[] values = harness.values(residual);
                for (int i = 0; i < sum.length; i++) {
                    sum[i] += values[i];
                }
            }
            assertClose(harness.values(ran.get(0)), sum);
        });
    }

    @Test
    void capturedResidualsComeInTheOrderAskedFor() {
        embedded((hidden, context) -> {
            Span stack = model.layout().stack();
            List<Integer> backwards =
                    new ArrayList<>(IntStream.range(0, stack.last()).boxed().toList());
            Collections.reverse(backwards);
            int[] capture = backwards.stream().mapToInt(Integer::intValue).toArray();
            List<T> reversed = own(model.run(stack, capture, hidden, context));
            for (int i = 0; i < capture.length; i++) {
                T alone = own(model.run(stack, new int[] {capture[i]}, hidden, context))
                        .get(1);
                assertSame(reversed.get(i + 1), harness.values(alone));
            }
        });
    }

    @Test
    void argumentsAreNeverChanged() {
        embedded((hidden, context) -> {
            float[] before = harness.values(hidden);
            List<float[]> inputsBefore = inputs.stream().map(harness::values).toList();
            Span stack = model.layout().stack();
            own(model.run(stack, new int[] {0, stack.last() - 1}, hidden, context));
            assertThat(harness.values(hidden)).as("by run").isEqualTo(before);
            for (Site site : modulatedSites()) {
                own(model.modulated(site.index(), hidden, context));
            }
            assertThat(harness.values(hidden)).as("by modulated").isEqualTo(before);
            own(model.head(hidden, context));
            assertThat(harness.values(hidden)).as("by head").isEqualTo(before);
            own(model.forward(inputs));
            for (int i = 0; i < inputs.size(); i++) {
                assertThat(harness.values(inputs.get(i))).as("input %d", i).isEqualTo(inputsBefore.get(i));
            }
        });
    }

    @Test
    void modulatedInputsAreShapedAsTheHiddenState() {
        embedded((hidden, context) -> {
            assertThat(modulatedSites()).isNotEmpty();
            for (Site site : modulatedSites()) {
                T modulated = own(model.modulated(site.index(), hidden, context));
                assertThat(harness.shape(modulated)).as("%s", site).isEqualTo(harness.shape(hidden));
            }
        });
    }

    private List<Site> modulatedSites() {
        return model.layout().sites().stream()
                .filter(site -> site.kind().isSelfAttention() || site.kind() == ResidualKind.MLP)
                .toList();
    }

    @Test
    void aContextThatIsClosedUnusedGivesEverythingBack() {
        assumeFalse(model.layout().isOpaque(), "an opaque model has no sites");
        long live = harness.live();
        Embedded<T> context = model.embed(inputs);
        T hidden = context.hidden();
        context.close();
        assertThat(harness.values(hidden))
                .as("the hidden state outlives the context")
                .isNotEmpty();
        model.ops().release(hidden);
        assertThat(harness.live()).isEqualTo(live);
    }

    @Test
    void wrongInputsAreRefusedWithAReason() {
        assertThatThrownBy(() -> model.check(List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching("(?s).{10,}");
    }

    @Test
    void callsAtTheSameTimeGiveWhatEachGivesAlone() throws Exception {
        List<T> others = harness.inputsOfOtherSize(SEED + 1);
        float[] first = forward(inputs);
        float[] second = forward(others);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            Callable<Void> one = () -> repeat(inputs, first);
            Callable<Void> two = () -> repeat(others, second);
            for (Future<Void> done : threads.invokeAll(List.of(one, two))) {
                done.get();
            }
        } finally {
            threads.shutdownNow();
        }
        harness.freeAll(others);
    }

    private Void repeat(List<T> call, float[] expected) {
        for (int i = 0; i < 5; i++) {
            assertThat(forward(call)).isEqualTo(expected);
            if (!model.layout().isOpaque() && isExact()) {
                assertThat(inParts(call)).isEqualTo(expected);
            }
        }
        return null;
    }
}
