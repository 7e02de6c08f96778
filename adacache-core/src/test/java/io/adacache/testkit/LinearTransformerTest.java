package io.adacache.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.adacache.layout.Layout;
import io.adacache.layout.Span;
import io.adacache.spi.Transformer.Embedded;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class LinearTransformerTest {
    @Nested
    class OpenSora extends TransformerKit<FloatTensor> {
        @Override
        protected ModelHarness<FloatTensor> harness() {
            return new LinearHarness(Layouts.openSora(2));
        }
    }

    @Nested
    class WithPrefixAndVariance extends TransformerKit<FloatTensor> {
        @Override
        protected ModelHarness<FloatTensor> harness() {
            return new LinearHarness(LinearTransformer.of(Layouts.latte(2), 2, 4, 3));
        }
    }

    @Nested
    class Opaque extends TransformerKit<FloatTensor> {
        @Override
        protected ModelHarness<FloatTensor> harness() {
            return new LinearHarness(Layout.opaque());
        }
    }

    @Test
    void residualsAreKnownInClosedForm() {
        LinearTransformer model = LinearTransformer.of(Layouts.openSora(1));
        List<FloatTensor> inputs = model.inputs(5, 1, 1, 1, 1);
        double s = inputs.get(1).data()[0] / 1000;
        try (Embedded<FloatTensor> context = model.embed(inputs)) {
            double h = context.hidden().data()[1];
            List<FloatTensor> ran = model.run(new Span(0, 2), new int[] {0, 1}, context.hidden(), context);
            double first = s * model.slope(0) * h + model.offset(0, 0, 1);
            double second = s * model.slope(1) * (h + first) + model.offset(1, 0, 1);
            assertThat(ran.get(1).data()[1]).isCloseTo((float) first, within(1e-6f));
            assertThat(ran.get(2).data()[1]).isCloseTo((float) second, within(1e-6f));
        }
    }
}
