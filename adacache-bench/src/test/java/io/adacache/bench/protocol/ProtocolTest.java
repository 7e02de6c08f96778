package io.adacache.bench.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.adacache.Policies;
import io.adacache.bench.protocol.Method.Kind;
import io.adacache.bench.report.Interval;
import io.adacache.bench.report.Result;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProtocolTest {
    private static final Fitted FITTED = Fitted.of(Map.of("polynomial", "1;0", "ratios", "1;1"));

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
        assertThat(Method.policy("every:n={i}", 2.6, FITTED)).isEqualTo("every:n=3");
        assertThat(Method.policy("easycache:threshold={x}", 0.012344, FITTED)).isEqualTo("easycache:threshold=0.01234");
        assertThat(Method.policy("adacache:codebook={book4}", 0.3, FITTED))
                .isEqualTo("adacache:codebook=0.05:4;0.1:3;0.3:2;10:1");
        assertThat(Method.policy("steps:computed={schedule4},forecast=1", 3, FITTED))
                .isEqualTo("steps:computed=1;2;3,forecast=1");
        assertThat(Method.isWhole("steps:computed={schedule4}")).isTrue();
        assertThat(Method.isOpen("adacache-fast")).isFalse();
        assertThatThrownBy(() -> Method.parse("easycache")).hasMessageContaining("name | low..high | trial / trial");
        assertThatThrownBy(() -> Method.parse("a | b..c | d")).hasMessageContaining("no pair of numbers");
        assertThatThrownBy(() -> Method.parse("a | 0..1 | d | best"))
                .hasMessageContaining("own, repeats, forecasts, planned, part");
        assertThat(Method.parse("a | 0..1 | d").kind()).isEqualTo(Method.Kind.OWN);
        assertThat(Method.parse("a | 0..1 | d | forecasts").kind()).isEqualTo(Method.Kind.FORECASTS);
    }

    /** Each method that can forecast is listed with its forecast off and on. */
    @Test
    void whoeverCanForecastTakesPartTwice() {
        List<String> names = Method.listed().stream().map(Method::name).toList();
        for (String name : List.of("adacache", "teacache", "easycache", "magcache", "fbcache")) {
            assertThat(names).contains(name, name + "+forecast");
        }
        for (Method method : Method.listed()) {
            boolean forecasts = method.name().endsWith("+forecast");
            if (forecasts) {
                assertThat(method.kind()).isEqualTo(Method.Kind.FORECASTS);
                assertThat(method.trials()).allMatch(trial -> trial.contains("forecast="));
            } else if (method.kind() == Method.Kind.REPEATS) {
                assertThat(method.trials()).noneMatch(trial -> trial.contains("forecast"));
            }
        }
    }

    @Test
    void theBestRivalsOfEachKindAndSpeedAreTested() {
        List<Method> methods = List.of(
                Method.parse("own | 0..1 | a:{x}"),
                Method.parse("one | 0..1 | b:{x} | repeats"),
                Method.parse("two | 0..1 | c:{x} | repeats"),
                Method.parse("fixed | 0..1 | d | repeats"),
                Method.parse("fore | 0..1 | e:{x} | forecasts"),
                Method.parse("plan | 0..1 | f:{x} | planned"),
                Method.parse("part | 0..1 | g:{x} | part"));
        List<Trial> trials = List.of(
                Trial.of("own", 2, "a:1", 5, 10).choose(),
                Trial.of("one", 2, "b:1", 5, 30).choose(),
                Trial.of("one", 3, "b:2", 3, 20).choose(),
                Trial.of("two", 2, "c:1", 5, 31).choose(),
                Trial.of("two", 2, "c:2", 5, 29),
                Trial.of("two", 3, "c:3", 3, 19).choose(),
                Trial.fixed("fixed", 2, "d", 5, 1),
                Trial.of("fore", 2, "e:1", 5, 5).choose(),
                Trial.of("plan", 2, "f:1", 5, 5).choose(),
                Trial.of("part", 2, "g:1", 5, 50).choose());
        assertThat(new Finalists(methods, 1).of(trials).stream().filter(Trial::tested))
                .extracting(Trial::policy)
                .containsExactly("a:1", "b:2", "c:1", "d", "e:1", "f:1");
        assertThat(new Finalists(methods, 1).of(trials))
                .filteredOn(Trial::chosen)
                .hasSize(9);
        assertThat(new Finalists(methods, 0).of(trials))
                .filteredOn(Trial::tested)
                .hasSize(8);
    }

    private static Standing standing(String method, double speed, double psnr, Double lead) {
        Interval interval = new Interval(psnr, psnr, psnr);
        Interval over = lead == null ? null : new Interval(lead, lead - 1, lead + 1);
        return new Standing(method, "time", speed, interval, psnr, psnr, null, null, 1, null, over);
    }

    @Test
    void aVerdictNamesTheBestRivalOfEachKindAndAveragesTheLeads() {
        Verdict verdict = new Verdict(
                "own",
                Map.of("own", Kind.OWN, "tuned", Kind.OWN, "a", Kind.REPEATS, "b", Kind.REPEATS, "f", Kind.FORECASTS),
                List.of(
                        standing("own", 2, 40, null),
                        standing("tuned", 2, 40.5, -0.5),
                        standing("a", 2, 35, 5.0),
                        standing("b", 2, 38, 2.0),
                        standing("f", 2, 41, -1.0),
                        standing("own", 3, 30, null),
                        standing("a", 3, 29, 1.0),
                        standing("b", 4.5, 20, null)));
        assertThat(verdict.sentences().get(0))
                .isEqualTo("Over best rival without forecast: +1.5 dB in the mean of 2 speeds from 1.3x to 4.0x;"
                        + " least +1.0 dB at 3.00x, over `a`.");
        assertThat(verdict.sentences().get(1)).contains("-1.0 dB in the mean of 1 speeds");
        assertThat(verdict.sentences().get(2)).contains("adacache as published: nothing to compare");
        assertThat(verdict.sentences().get(4)).contains("-0.5 dB");
        assertThat(verdict.rows()).hasSize(4);
        assertThat(verdict.rows().get(1)).startsWith("2.00x", "`f` 41.0", "`b` 38.0: +2.0 (+1.0..+3.0)");
        assertThat(verdict.rows().get(3)).startsWith("4.50x", "`b` 20.0", "`b` 20.0: -");
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
