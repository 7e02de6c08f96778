package io.adacache.bench.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.adacache.AdaCache;
import io.adacache.event.Trace;
import io.adacache.event.Trace.StepRecord;
import io.adacache.layout.Layout.Granularity;
import io.adacache.policy.Figures;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What of a recording is not checked by replaying one. */
class RerunTest {
    private static Figures factor(double value) {
        return Figures.none().with(Figures.MOTION_FACTOR, value);
    }

    private static StepRecord step(int number, Figures... figures) {
        return new StepRecord(number, List.of(), List.of(figures), 1, 0, 0);
    }

    @Test
    void theLastMotionFactorOfEachPlaceIsLeftBehind() {
        Trace trace = new Trace(
                "x",
                4,
                List.of(step(1), step(2, factor(0.5), factor(0.6)), step(3), step(4, factor(0.7), factor(0.8))));
        assertThat(Rerun.motionFactors(trace, List.of())).containsExactly(0.7, 0.8);
    }

    @Test
    void withoutMeasuresTheStateStays() {
        Trace trace = new Trace("x", 2, List.of(step(1), step(2, Figures.none())));
        assertThat(Rerun.motionFactors(trace, List.of(0.3))).containsExactly(0.3);
    }

    private static RecordedConfig config(String json) throws IOException {
        return new RecordedConfig(new ObjectMapper().readTree(json.replace('\'', '"')));
    }

    @Test
    void whatARecordingLeavesOutHasThePublishedDefault() throws IOException {
        AdaCache policy = (AdaCache) config("{'do_cache': true}").policy(Granularity.FUSED, List.of());
        assertThat(policy.codebook(30)).hasToString("0.03:12;0.05:10;0.07:8;0.09:6;0.11:4;1.0:3");
        assertThat(config("{}").policy(Granularity.FUSED, List.of()).name()).isEqualTo("none");
    }

    @Test
    void aCodebookMayBeAnObject() throws IOException {
        AdaCache policy = (AdaCache)
                config("{'do_cache': true, 'codebook': {'0.1': 3, '1.0': 1}}").policy(Granularity.FUSED, List.of());
        assertThat(policy.codebook(30)).hasToString("0.1:3;1.0:1");
    }

    @Test
    void faultsAreNamed() throws IOException {
        assertThatThrownBy(() -> config("{}").steps()).hasMessageContaining("lacks the number 'steps'");
        RecordedConfig other = config("{'do_cache': true, 'cache_res': 'everything'}");
        assertThatThrownBy(() -> other.policy(Granularity.FUSED, List.of()))
                .hasMessageContaining("cache_res 'everything'; known are t-attn, s-attn and ca-mlp");
        RecordedConfig tooShort = config("{'do_cache': true, 'apply_moreg': true, 'moreg_hyp': [0.4]}");
        assertThatThrownBy(() -> tooShort.policy(Granularity.FUSED, List.of()))
                .hasMessageContaining("too few numbers in 'moreg_hyp'");
    }

    @Test
    void differencesCountNotANumber() {
        assertThat(Differences.relative(Double.NaN, Double.NaN)).isZero();
        assertThat(Differences.relative(1, Double.NaN)).isInfinite();
        assertThat(Differences.relative(1.1, 1)).isBetween(0.0999, 0.1001);
        assertThat(Differences.ofTensors(new float[] {1, Float.NaN}, new float[] {1, 1}))
                .isInfinite();
        assertThat(Differences.ofTensors(new float[] {1, 3}, new float[] {1, 2}))
                .isEqualTo(0.5);
        assertThat(Differences.ofTensors(new float[2], new float[3])).isInfinite();
    }
}
