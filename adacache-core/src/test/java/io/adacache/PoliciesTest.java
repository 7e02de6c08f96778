package io.adacache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.adacache.internal.StepNumbers;
import io.adacache.metric.Measure;
import io.adacache.metric.Measure.Reference;
import io.adacache.metric.Metric;
import io.adacache.metric.Probe.Residuals;
import io.adacache.policy.Codebook;
import io.adacache.policy.Decision;
import io.adacache.policy.Decision.Reason;
import io.adacache.policy.Generation;
import io.adacache.policy.PolicyRun;
import io.adacache.testkit.Layouts;
import io.adacache.testkit.ModelConstants;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
        assertThat(ModelConstants.policy(name).name()).startsWith(name);
        assertThat(Policies.provider(name).summary()).isNotBlank();
        assertThat(Policies.provider(name).settings())
                .allSatisfy(setting -> assertThat(setting.help()).isNotBlank());
    }

    @ParameterizedTest
    @CsvSource({
        "every-2, every:n=2",
        "every:3, every:n=3",
        "even-10, even:steps=10",
        "steps:1;2;5-7, steps:computed=1;2;5-7",
        "adacache-fast, adacache-fast",
        "adacache-slow-moreg, adacache-slow-moreg",
        "adacache:metric=l2+location=end, ''",
    })
    void shorthands(String text, String name) {
        if (name.isEmpty()) {
            assertThatIllegalArgumentException().isThrownBy(() -> Policies.parse(text));
        } else {
            assertThat(Policies.parse(text).name()).isEqualTo(name);
        }
    }

    @Test
    void readsEverySwitchOfTheAblations() {
        AdaCache policy = (AdaCache) Policies.parse(
                "adacache:codebook=0.1:4;1:2,metric=cosine,residual=ca-mlp,location=start;2,spans=pairs,motion=true,"
                        + "motion-scale=0.2,motion-power=2,motion-divisor=1.2,motion-gradient=0,motion-strides=1+2,"
                        + "motion-window=3-9,reference-exact=true,only=spatial-attention+mlp,only-blocks=0-3;7");
        assertThat(policy.codebook(STEPS)).isEqualTo(Codebook.parse("0.1:4;1:2"));
        assertThat(policy.name()).startsWith("adacache:codebook=0.1:4;1:2,");
        PolicyRun run = policy.begin(Layouts.openSora(8), Generation.of(STEPS));
        assertThat(run.measures())
                .as("two places of cross-attention and MLP, in spatial and temporal block each")
                .hasSize(2 * 2 * 2)
                .contains(
                        new Measure.Distance(new Residuals(List.of(1, 2)), Metric.COSINE, Reference.LAST_COMPUTED_STEP))
                .contains(new Measure.Motion(new Residuals(List.of(13, 14)), Metric.L1, List.of(1, 2)));
        StepNumbers first = new StepNumbers(1, Set.copyOf(run.measures()));
        assertThat(run.plan(first).stream()
                        .filter(span -> run.decide(span, first).equals(Decision.compute(Reason.FIRST))))
                .as("spatial attention, and MLP twice, of five blocks")
                .hasSize(3 * 5);
    }

    @Test
    void namesAreTakenInAnyCaseAndWithBlanks() {
        assertThat(Policies.parse(" AdaCache-Fast ").name()).isEqualTo("adacache-fast");
        assertThat(Policies.parse("Every: N = 3").name()).isEqualTo("every:n=3");
    }

    @Test
    void whatAModelRecommendsIsTakenWhereTheTextSaysNothing() {
        Map<String, Map<String, String>> recommended = Map.of(
                "every", Map.of("n", "5"),
                "every@50", Map.of("n", "7"),
                "teacache", Map.of("polynomial", "1;0", "threshold", "0.3"),
                "teacache:0.2", Map.of("polynomial", "2;0"));
        assertThat(Policies.parse("every", recommended, 30).name()).isEqualTo("every:n=5");
        assertThat(Policies.parse("every", recommended, 50).name()).isEqualTo("every:n=7");
        assertThat(Policies.parse("every-2", recommended, 50).name()).isEqualTo("every:n=2");
        assertThat(Policies.parse("teacache:0.2", recommended, 30).name()).contains("polynomial=2;0", "threshold=0.2");
        assertThat(Policies.parse("teacache:0.1", recommended, 30).name()).contains("polynomial=1;0", "threshold=0.1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "adacach | Unknown policy 'adacach'; known policies: none, every,",
                "none-2 | 'none' takes no bare value",
                "every:k=2 | Policy 'every' has no setting 'k'; its settings: n",
                "none:k=2 | Policy 'none' has no setting 'k'; it has none",
                "every:n=x | Setting 'n' of policy 'every' is to be a whole number, 1 or more, but got 'x'",
                "every:n=0 | Setting 'n' of policy 'every' is to be a whole number, 1 or more, but got '0'",
                "every:n=2,n=3 | sets 'n' twice",
                "adacache:0.1:2 | 'adacache' takes no bare value; write name or name:setting=value",
                "steps | Policy 'steps' needs the setting 'computed'",
                "adacache:metric=l7 | Setting 'metric' of policy 'adacache' is to be l1, l2 or cosine, but got 'l7'",
                "adacache:location=top | 'top' is no location",
                "adacache:residual=foo | known kinds: spatial-attention",
                "adacache:motion-window=9-3,motion=true | a range, as 4-26, but got '9-3'",
                "adacache:codebook=1 | Setting 'codebook' of policy 'adacache' is to be threshold:rate",
            })
    void oneClearErrorForEachMistake(String text, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Policies.parse(text))
                .withMessageContaining(message);
    }
}
