package io.adacache.rivals;

import static org.assertj.core.api.Assertions.assertThat;

import io.adacache.layout.Layout;
import io.adacache.layout.Part;
import io.adacache.layout.ResidualKind;
import io.adacache.layout.Site;
import io.adacache.layout.Span;
import io.adacache.policy.Decision;
import io.adacache.policy.Decision.Reason;
import io.adacache.policy.Generation;
import io.adacache.testkit.MadeUpNumbers;
import io.adacache.testkit.PolicyDriver;
import io.adacache.testkit.PolicyDriver.Driven;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** In which steps, from 0, each site is reused by a policy whose schedule is known beforehand. */
final class ReusedSites {
    private ReusedSites() {}

    /** Steps from 0 in which each site is reused. */
    static Map<Site, List<Integer>> reused(String policy, Layout layout, List<Double> timesteps) {
        return reused(policy, layout, Made.generation(timesteps));
    }

    static Map<Site, List<Integer>> reused(String text, Layout layout, Generation generation) {
        Map<Site, List<Integer>> reused = new HashMap<>();
        layout.sites().forEach(site -> reused.put(site, new ArrayList<>()));
        for (Driven step : PolicyDriver.drive(Made.policy(text), layout, generation, MadeUpNumbers.plausible(1))) {
            step.decisions().forEach((part, decision) -> {
                assertThat(decision.reason()).isNotEqualTo(Reason.NOTHING_KEPT);
                if (decision instanceof Decision.Reuse) {
                    sitesOf(layout, part).forEach(site -> reused.get(site).add(step.step() - 1));
                }
            });
        }
        return reused;
    }

    private static List<Site> sitesOf(Layout layout, Part part) {
        Span span = (Span) part;
        return layout.sites().subList(span.first(), span.last());
    }

    static List<Integer> of(Map<Site, List<Integer>> reused, ResidualKind kind, int block) {
        List<List<Integer>> all = reused.entrySet().stream()
                .filter(entry -> entry.getKey().kind() == kind && entry.getKey().block() == block)
                .map(Map.Entry::getValue)
                .distinct()
                .toList();
        assertThat(all).as("sites of kind %s in block %d agree", kind, block).hasSize(1);
        return all.get(0);
    }

    static List<Integer> ints(int... values) {
        return IntStream.of(values).boxed().toList();
    }
}
