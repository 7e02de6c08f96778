package io.adacache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.adacache.policy.Codebook;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class PoliciesTest {
    private static final int STEPS = 30;

    static Iterable<String> names() {
        return Policies.names().stream().filter(name -> !name.equals("steps")).toList();
    }

    @ParameterizedTest
    @MethodSource("names")
    void everyPolicyHasDefaultsAndAName(String name) {
        assertThat(Policies.of(name, Map.of(), STEPS).name()).startsWith(name);
        assertThat(Policies.describe().lines()).anyMatch(line -> line.startsWith(name + " "));
        assertThat(Policies.describe(name)).startsWith(name + " ");
    }

    @ParameterizedTest
    @CsvSource({
        "every-2, every:n=2",
        "every:3, every:n=3",
        "even-10, even:steps=10",
        "steps:1;2;5-7, steps:computed=1;2;5;6;7",
        "adacache-fast, adacache-fast",
        "adacache-slow-moreg, adacache-slow-moreg",
        "adacache:metric=l2+location=end, ''",
    })
    void shorthands(String text, String name) {
        if (name.isEmpty()) {
            assertThatIllegalArgumentException().isThrownBy(() -> Policies.parse(text, STEPS));
        } else {
            assertThat(Policies.parse(text, STEPS).name()).isEqualTo(name);
        }
    }

    @Test
    void readsEverySwitchOfTheAblations() {
        AdaCache policy = (AdaCache) Policies.parse(
                "adacache:codebook=0.1:4;1:2,metric=cosine,residual=ca-mlp,location=start;2,spans=pairs,motion=true,"
                        + "motion-scale=0.2,motion-power=2,motion-divisor=1.2,motion-gradient=0,motion-strides=1+2,"
                        + "motion-window=3-9,reference-exact=true,only=spatial-attention+mlp,only-blocks=0-3;7",
                STEPS);
        assertThat(policy.codebook()).isEqualTo(Codebook.parse("0.1:4;1:2"));
        assertThat(policy.name()).startsWith("adacache:codebook=0.1:4;1:2,");
        assertThat(policy.motion).isEqualTo(new MotionRegularization(0.2, 2, 1.2, 0, java.util.List.of(1, 2), 3, 9));
        assertThat(policy.granularity).isEqualTo(Granularity.PAIRS);
        assertThat(policy.residuals).hasSize(2);
        assertThat(policy.locations).containsExactly(Location.Relative.START, new Location.Block(2));
        assertThat(policy.referenceExact).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "adacach | Unknown policy 'adacach'; known policies: none, every,",
                "none-2 | Unknown policy 'none-2'",
                "every:k=2 | Policy 'every' has no setting 'k'; its settings: n",
                "none:k=2 | Policy 'none' has no setting 'k'; it has none",
                "every:n=x | Setting 'n' of policy 'every' is to be a whole number, but got 'x'",
                "every:n=0 | every:n=0 is no interval",
                "every:n=2,n=3 | sets 'n' twice",
                "adacache:0.1:2 | is no policy; write name or name:setting=value",
                "steps | Policy 'steps' needs the setting 'computed'",
                "adacache:metric=l7 | Setting 'metric' of policy 'adacache' is to be l1, l2 or cosine, but got 'l7'",
                "adacache:location=top | 'top' is no location",
                "adacache:residual=foo | known kinds: spatial-attention",
                "adacache:motion-window=9-3,motion=true | a range, as 4-26, but got '9-3'",
                "adacache:codebook=1 | Setting 'codebook' of policy 'adacache' is to be threshold:rate",
            })
    void oneClearErrorForEachMistake(String text, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Policies.parse(text, STEPS))
                .withMessageContaining(message);
    }
}
