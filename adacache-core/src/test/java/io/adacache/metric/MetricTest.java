package io.adacache.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.adacache.testkit.ArrayTensorOps;
import io.adacache.testkit.FloatTensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MetricTest {
    private final ArrayTensorOps ops = new ArrayTensorOps();

    private FloatTensor row(float... values) {
        return ops.tensor(values, 1, values.length);
    }

    private double distance(Metric metric, FloatTensor now, FloatTensor then) {
        return metric.distance(ops.distance(metric, now, then));
    }

    @Test
    void byHand() {
        FloatTensor now = row(3, -1);
        FloatTensor then = row(4, 2);
        assertThat(distance(Metric.L1, now, then)).isCloseTo(4.0 / 6, within(1e-12));
        assertThat(distance(Metric.L2, now, then)).isCloseTo(Math.sqrt(10) / Math.sqrt(20), within(1e-12));
        assertThat(distance(Metric.COSINE, now, then)).isCloseTo(1 - 10 / Math.sqrt(10 * 20), within(1e-12));
        assertThat(Metric.L1.motion(ops.distance(Metric.L1, now, then))).isCloseTo(4.0 / 10, within(1e-12));
        assertThat(Metric.L2.motion(ops.distance(Metric.L2, now, then)))
                .isCloseTo(Math.sqrt(10) / (Math.sqrt(10) + Math.sqrt(20)), within(1e-12));
    }

    @ParameterizedTest
    @EnumSource(Metric.class)
    void scaleDoesNotMatter(Metric metric) {
        double near = distance(metric, row(1, 2, 3), row(3, 1, 2));
        assertThat(distance(metric, row(10, 20, 30), row(30, 10, 20))).isCloseTo(near, within(1e-12));
    }

    @ParameterizedTest
    @EnumSource(Metric.class)
    void nothingComparedWithNothingIsNotANumber(Metric metric) {
        assertThat(distance(metric, row(0, 0), row(0, 0))).isNaN();
    }

    @ParameterizedTest
    @EnumSource(Metric.class)
    void rowsAreAddedBeforeTheFormula(Metric metric) {
        FloatTensor now = ops.tensor(new float[] {1, 2, 3, 4}, 2, 2);
        FloatTensor then = ops.tensor(new float[] {2, 2, -1, 4}, 2, 2);
        double whole = metric.distance(ops.distance(metric, row(1, 2, 3, 4), row(2, 2, -1, 4)));
        Sums sums = ops.distance(metric, now, then);
        assertThat(metric.distance(sums)).isCloseTo(whole, within(1e-12));
        assertThat(metric.distance(Sums.merge(List.of(sums.row(1), sums.row(0)))))
                .isCloseTo(whole, within(1e-12));
    }

    @ParameterizedTest
    @EnumSource(Metric.class)
    void metricsAreFoundByTheirId(Metric metric) {
        assertThat(Metric.of(metric.id())).isEqualTo(metric);
        assertThatThrownBy(() -> Metric.of("l3")).hasMessageContaining("l3").hasMessageContaining(metric.id());
    }

    @Test
    void sumsAreImmutable() {
        double[][] rows = {{1, 2, 3}};
        Sums sums = Sums.of(rows);
        rows[0][0] = 9;
        sums.total()[1] = 9;
        sums.row(0).total()[2] = 9;
        assertThat(sums.total()).containsExactly(1, 2, 3);
        assertThatThrownBy(() -> Sums.of(new double[][] {{1, 2}})).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void measuresAndProbesCheckWhatTheyAreGiven() {
        Probe probe = new Probe.Residuals(List.of(1));
        assertThatThrownBy(() -> new Probe.Residuals(List.of())).hasMessageContaining("at least one");
        assertThatThrownBy(() -> new Probe.Residuals(List.of(2, 2))).hasMessageContaining("once");
        assertThatThrownBy(() -> new Measure.Motion(probe, Metric.L1, List.of()))
                .hasMessageContaining("strides");
        assertThatThrownBy(() -> new Measure.Motion(probe, Metric.L1, List.of(0)))
                .hasMessageContaining("strides");
        assertThatThrownBy(() -> new Measure.Motion(new Probe.Latent(), Metric.L1, List.of(1)))
                .hasMessageContaining("residuals");
    }
}
