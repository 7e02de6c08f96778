package io.adacache.rivals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.adacache.layout.Layout;
import io.adacache.policy.Generation;
import io.adacache.testkit.Layouts;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Settings that could do nothing, in a generation of 30 steps on Open-Sora with 4 blocks, are refused; defaults that do nothing are told. */
class UselessSettingsTest {
    private static final Layout LAYOUT = Layouts.openSora(4);

    private static Generation generation(int steps) {
        return Made.generation(
                IntStream.range(0, steps).mapToObj(i -> 1000.0 - i).toList());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    teacache:threshold=-1,polynomial=1;0 | Setting 'threshold' of policy 'teacache' is to be a number, 0 or more
                    teacache:polynomial= | one or more, but got ''
                    teacache:polynomial=1;0,first=40 | the first 40 and the last 1 steps in any case: all of 30
                    teacache:polynomial=1;0,first=10,last=20 | all of 30, so nothing would be reused
                    teacache:polynomial=1;0,first=-1 | 'first' of policy 'teacache' is to be a whole number, 0 or more
                    easycache:-0.1 | Setting 'threshold' of policy 'easycache'
                    easycache:first=29 | the first 29 and the last 1 steps
                    fbcache:threshold=-0.1 | Setting 'threshold' of policy 'fbcache'
                    dbcache:first=1,warm-up=30 | the first 30 and the last 0 steps
                    dbcache:first=9 | one must be left to reuse
                    dbcache:max-reused=-2 | -1 or more
                    dbcache:budget=-1 | 0 or more
                    magcache:ratios=1,threshold=-1 | Setting 'threshold' of policy 'magcache'
                    magcache:ratios=1,retention=1 | from 0 to less than 1
                    magcache:ratios= | one per step from the second
                    taylorseer:first=30 | the first 30 and the last 0 steps
                    taylorseer:order=5 | 0 to 4
                    taylorseer:order=-1 | 0 to 4
                    taylorseer:0 | 1 or more
                    delta-dit:3,front=5 | more blocks than the model has: 4
                    delta-dit:3,front=1,rear=5 | more blocks than the model has: 4
                    pab:window=0-999,mlp=5,mlp-blocks=99 | mlp-blocks=99 names blocks that the model does not have; its blocks are 0-3
                    pab:window=0-999,mlp=5,mlp-blocks=1;4-5 | mlp-blocks=4-5 names blocks
                    pab:window=0-999,mlp-blocks=1 | 'mlp-blocks' does nothing without 'mlp'
                    pab:window=0-999,mlp-steps=1 | 'mlp-steps' does nothing without 'mlp'
                    pab:window=0-999,spatial=0 | 1 or more
                    pab:sideways | one of slow, middle, fast, but got 'sideways'
                    fora:0 | 1 or more
                    """)
    void areRefused(String text, String why) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Made.begin(text, LAYOUT, generation(30)))
                .withMessageContaining(why)
                .withMessageContaining(text.split(":")[0]);
    }

    @Test
    void aBranchThatIsDroppedAfterTheLastStep() {
        Generation generation = new Generation(5, List.of("a", "b"), List.of());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Made.begin("tgate:5,drop=b", LAYOUT, generation))
                .withMessageContaining("'b' after step 5, but that is the last one");
    }

    @ParameterizedTest
    @CsvSource({"fora:cross=2, cross", "fora:mlp=2, mlp"})
    void intervalsOfKindsThatTheModelHasNot(String text, String setting) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Made.begin(text, Layouts.oneSite(), generation(30)))
                .withMessageContaining("the setting '" + setting + "' is given, but the model has no such residuals");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"dbcache:max-reused=-1,max-in-row=-1,budget=0,first=1,warm-up=0", "dbcache:first=1,warm-up=0"})
    void wordsForNoLimitStay(String text) {
        assertThat(Made.begin(text, LAYOUT, generation(30)).warnings()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    dbcache:first=1 | 8 | the first 8 and the last 0 steps in any case: all of 8
                    taylorseer | 3 | reuses nothing
                    easycache | 3 | the first 2 and the last 1 steps in any case
                    teacache:polynomial=1;0 | 2 | the first 1 and the last 1 steps in any case
                    fora:1 | 30 | reuses nothing with these settings in 30 steps
                    tgate:31 | 30 | gate=31 lies beyond the 30 steps
                    delta-dit:31,front=1 | 30 | reuses nothing
                    pab:window=0-1 | 30 | reuses nothing with these settings in 30 steps
                    """)
    void defaultsThatLeaveNothingAreTold(String text, int steps, String warning) {
        assertThat(Made.begin(text, LAYOUT, generation(steps)).warnings())
                .singleElement()
                .asString()
                .contains(warning, text.split(":")[0]);
        assertThat(Made.begin(text, LAYOUT, generation(1)).warnings())
                .as("in one step nothing can be reused anyway")
                .isEmpty();
    }

    @Test
    void settingsThatDoSomethingAreNot() {
        for (String text : List.of(
                "dbcache:first=1", "taylorseer", "easycache", "teacache:polynomial=1;0", "fora", "pab:window=0-1000")) {
            assertThat(Made.begin(text, LAYOUT, generation(30)).warnings())
                    .as(text)
                    .isEmpty();
        }
    }
}
