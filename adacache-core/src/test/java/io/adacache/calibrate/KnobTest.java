package io.adacache.calibrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.adacache.Policies;
import org.junit.jupiter.api.Test;

class KnobTest {
    private static Knob knob(String template) {
        return Knob.of(template, 30, Policies::parse);
    }

    @Test
    void aRealSettingHasValuesByTheLogarithm() {
        Knob knob = knob("easycache:threshold=*");
        assertThat(knob.whole()).isFalse();
        assertThat(knob.at(0.12345)).isEqualTo("easycache:threshold=0.123");
        assertThat(knob.values()).hasSizeGreaterThan(20).isSorted();
    }

    @Test
    void aWholeSettingHasWholeValues() {
        Knob knob = knob("even:steps=*");
        assertThat(knob.whole()).isTrue();
        assertThat(knob.values()).hasSize(30);
        assertThat(knob.at(12)).isEqualTo("even:steps=12");
    }

    @Test
    void aCodebookIsOneNumber() {
        Knob knob = knob("adacache:codebook=*,forecast=1");
        assertThat(knob.at(0.3)).isEqualTo("adacache:codebook=0.02:6;0.03:5;0.05:4;0.1:3;0.3:2;10:1,forecast=1");
        knob.values()
                .forEach(value -> assertThat(Policies.parse(knob.at(value))).isNotNull());
    }

    @Test
    void betweenWholeNumbersOfCallsABoundSavesSome() {
        Knob knob = knob("adacache-plus:calls=*,forecast=1");
        assertThat(knob.isFine(Policies::parse)).isTrue();
        assertThat(knob.between(12, 0.1234)).isEqualTo("adacache-plus:calls=12,quality=0.123,forecast=1");
        assertThat(knob("even:steps=*").isFine(Policies::parse)).isFalse();
        assertThat(knob("adacache-plus:quality=*").isFine(Policies::parse)).isFalse();
        assertThat(knob("meancache:calls=*").isFine(Policies::parse)).isFalse();
    }

    @Test
    void whatIsWrongIsSaid() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> knob("easycache:threshold=0.1"))
                .withMessageContaining("one free setting");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> knob("easycache:treshold=*"))
                .withMessageContaining("no setting 'treshold'");
    }
}
