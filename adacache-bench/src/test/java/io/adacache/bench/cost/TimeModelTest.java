package io.adacache.bench.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.adacache.bench.cost.TimeModel.Checked;
import io.adacache.bench.cost.TimeModel.Observation;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The model of time, on times that are made up and so known. */
class TimeModelTest {
    private static final TimeModel TRUE = new TimeModel(2e-11, 5e-11, 1e-10, 6e-6);

    /** Calls of several sizes, their times up to a share away from what the model gives. */
    private static List<Observation> observations(TimeModel model, double noise) {
        SplittableRandom random = new SplittableRandom(11);
        List<Observation> all = new ArrayList<>();
        for (int size = 1; size <= 5; size++) {
            double tokens = 400.0 * size;
            Work plain = new Work(4e6 * tokens, 3e3 * tokens * tokens, 5e4 * tokens, 400);
            Work reused = new Work(2e4 * tokens, 0, 2e4 * tokens, 60);
            for (Work work : List.of(plain, reused)) {
                double seconds = model.seconds(work) * (1 + noise * (2 * random.nextDouble() - 1));
                all.add(new Observation("size " + size, work == plain ? "plain" : "reused", work, seconds));
            }
        }
        return all;
    }

    @Test
    void whatMadeTheTimesIsFound() {
        TimeModel found = TimeModel.fit(observations(TRUE, 0));
        for (Observation one : observations(TRUE, 0)) {
            assertThat(found.seconds(one.work()) / one.seconds()).isCloseTo(1, within(1e-6));
        }
        assertThat(found.perProduct() / TRUE.perProduct()).isCloseTo(1, within(1e-3));
        assertThat(found.perLaunch() / TRUE.perLaunch()).isCloseTo(1, within(1e-3));
    }

    @Test
    void aSizeThatWasLeftOutIsPredictedFromTheOthers() {
        List<Checked> exact = TimeModel.check(observations(TRUE, 0));
        assertThat(exact).hasSize(10).allSatisfy(one -> assertThat(one.error()).isCloseTo(0, within(1e-6)));
        List<Checked> noisy = TimeModel.check(observations(TRUE, 0.03));
        assertThat(noisy).allSatisfy(one -> assertThat(one.error()).isCloseTo(0, within(0.25)));
        assertThat(noisy).anySatisfy(one -> assertThat(Math.abs(one.error())).isGreaterThan(1e-4));
    }

    @Test
    void fewTimesAreNotFittedTo() {
        List<Observation> few = observations(TRUE, 0).subList(1, 4);
        assertThat(few.stream().map(Observation::group).distinct()).hasSize(2);
        assertThat(Paper.of(few)).isEmpty();
        assertThat(TimeModel.check(few)).isEmpty();
    }

    @Test
    void nothingTakesLessThanNoTime() {
        TimeModel free = new TimeModel(2e-11, 0, 1e-10, 0);
        TimeModel found = TimeModel.fit(observations(free, 0.05));
        assertThat(List.of(found.perProduct(), found.perAttention(), found.perByte(), found.perLaunch()))
                .allSatisfy(seconds -> assertThat(seconds).isNotNegative());
    }

    @Test
    void tooLittleIsSaid() {
        assertThatThrownBy(() -> TimeModel.fit(observations(TRUE, 0).subList(0, 3)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("measure more sizes");
        List<Observation> two = observations(TRUE, 0).subList(0, 4);
        assertThat(Paper.of(two.subList(0, 2))).isEmpty();
        assertThat(Paper.of(two).orElseThrow().text()).contains("three sizes or more");
        assertThat(Paper.of(observations(TRUE, 0)).orElseThrow().text())
                .contains("plain, of a size left out: 0.0 % off");
    }
}
