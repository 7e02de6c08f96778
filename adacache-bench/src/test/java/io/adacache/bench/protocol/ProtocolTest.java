package io.adacache.bench.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.adacache.Policies;
import io.adacache.bench.report.Result;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProtocolTest {
    private static final Map<String, String> FITTED = Map.of("polynomial", "1;0", "ratios", "1;1");

    /** A result of which only the figures that the protocol reads are told apart. */
    private static Result result(String policy, String prompt, double speedup, double flops, Double psnr) {
        return new Result(
                policy,
                prompt,
                1,
                50,
                10,
                100 / speedup,
                speedup,
                speedup,
                psnr,
                null,
                0,
                0,
                null,
                null,
                "",
                null,
                flops,
                0.1,
                0.2,
                psnr == null ? null : 0.9,
                0.75,
                Map.of());
    }

    @Test
    void everyListedPolicyThatTheProgramKnowsCanBeMade() {
        assertThat(Method.listed()).extracting(Method::name).doesNotHaveDuplicates();
        for (Method method : Method.listed()) {
            for (String trial : method.trials()) {
                String policy = Method.policy(trial, 2, FITTED);
                String name = policy.split(":")[0];
                boolean isKnown =
                        Policies.names().contains(name) || Policies.names().contains(name.replaceAll("-.*", ""));
                if (isKnown && !name.equals("adacache-plus")) {
                    assertThat(Policies.parse(policy)).as(policy).isNotNull();
                }
            }
        }
    }

    /** Whoever has a choice has as many choices as all others. */
    @Test
    void everyMethodWithAChoiceHasAsManyTrials() {
        for (Method method : Method.listed()) {
            boolean hasChoice =
                    method.trials().size() > 1 && Method.isOpen(method.trials().get(0));
            assertThat(method.trials().size()).as(method.name()).isIn(hasChoice ? List.of(4) : List.of(1, 2));
        }
    }

    @Test
    void openNumbersAreFilledIn() {
        assertThat(Method.policy("every:n={i}", 2.6, Map.of())).isEqualTo("every:n=3");
        assertThat(Method.policy("easycache:threshold={x}", 0.012344, Map.of()))
                .isEqualTo("easycache:threshold=0.01234");
        assertThat(Method.policy("adacache:codebook={book4}", 0.3, Map.of()))
                .isEqualTo("adacache:codebook=0.05:4;0.1:3;0.3:2;10:1");
        assertThat(Method.isOpen("adacache-fast")).isFalse();
        assertThatThrownBy(() -> Method.parse("easycache")).hasMessageContaining("name | low..high | trial / trial");
        assertThatThrownBy(() -> Method.parse("a | b..c | d")).hasMessageContaining("no pair of numbers");
    }

    @Test
    void aFrontierLeavesOutWhatIsSlowerAndWorse() {
        Frontier frontier = Frontier.of(
                List.of(new Frontier.Point(0, 1.5, 40), new Frontier.Point(1, 2, 30), new Frontier.Point(2, 1.8, 29)));
        assertThat(frontier.points()).extracting(Frontier.Point::index).containsExactly(0, 1);
        assertThat(frontier.at(1)).contains(new Frontier.Mix(0, 0, 0));
        Frontier.Mix middle = frontier.at(1.75).orElseThrow();
        assertThat(middle.of(40, 30)).isEqualTo(35);
        assertThat(frontier.at(2.01)).isEmpty();
    }

    /** Two prompts with two seeds each, the lead worked out by hand. */
    @Test
    void leadsAreTakenPromptByPromptAtEqualSpeed() {
        List<Result> all = new ArrayList<>();
        for (String prompt : List.of("p", "q", "p", "q")) {
            double easy = prompt.equals("p") ? 4 : 0;
            all.add(result("none", prompt, 1, 100, null));
            all.add(result("own-slow", prompt, 1.5, 80, 40 + easy));
            all.add(result("own-fast", prompt, 3, 40, 30 + easy));
            all.add(result("rival", prompt, 2.25, 50, 33.0));
        }
        List<Standing> standings = new Standings(
                        Map.of("own", List.of("own-slow", "own-fast"), "rival", List.of("rival")), all, "own")
                .all();

        Standing rival = standings.stream()
                .filter(each -> each.method().equals("rival") && each.axis().equals("time") && each.speed() == 2.25)
                .findFirst()
                .orElseThrow();
        // At 2.25x the own method is half way between its settings: 37 and 35 + easy.
        assertThat(rival.lead().value()).isCloseTo((39 + 35) / 2.0 - 33, within(1e-9));
        assertThat(rival.lead().low()).isCloseTo(2, within(1e-9));
        assertThat(rival.lead().high()).isCloseTo(6, within(1e-9));
        Standing own = standings.stream()
                .filter(each -> each.method().equals("own") && each.axis().equals("operations") && each.speed() == 2.5)
                .findFirst()
                .orElseThrow();
        assertThat(own.worst()).isCloseTo(30, within(1e-9));
        assertThat(own.lead()).isNull();
        assertThat(own.shown()).isCloseTo(0.75, within(1e-9));
        assertThat(standings).noneMatch(each -> each.method().equals("rival") && each.speed() > 2.25);
        assertThat(new HashSet<>(standings)).hasSameSizeAs(standings);
    }
}
