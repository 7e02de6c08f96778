package io.adacache.internal;

import io.adacache.layout.TokenGrid;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Generation;
import io.adacache.policy.Generation.Scope;
import io.adacache.spi.Transformer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Says once that a policy's settings were fitted for something else. What was announced is known at the beginning, sizes at the first
 * call; where no noise levels were announced, the second call tells whether they fall as they did.
 */
final class ScopeCheck {
    /** How far the second noise level over the first may be from what it was. */
    private static final double NEAR = 0.002;

    private final String policy;
    private final Optional<Scope> scope;
    private final Generation generation;
    private final Map<String, String> facts;
    private OptionalDouble firstLevel = OptionalDouble.empty();

    ScopeCheck(CachePolicy policy, Generation generation, Map<String, String> facts) {
        this.policy = policy.name();
        this.scope = policy.scope();
        this.generation = generation;
        this.facts = facts;
    }

    /** Returns what is to be said when the generation begins. */
    Optional<String> atBegin() {
        return scope.flatMap(fitted -> {
            List<String> found = new ArrayList<>(fitted.differences(generation));
            found.addAll(fitted.differences(facts));
            return sentence(found);
        });
    }

    /** Returns what is to be said of a call, in the first two steps; empty where it was said at the beginning. */
    <T> Optional<String> atCall(int step, TokenGrid grid, Transformer<T> model, List<T> inputs) {
        if (step > 2 || scope.isEmpty() || atBegin().isPresent()) {
            return Optional.empty();
        }
        Scope fitted = scope.get();
        List<String> found = new ArrayList<>(fitted.differences(grid));
        if (generation.timesteps().isEmpty() && fitted.timesteps().size() > 1) {
            OptionalDouble level = model.noiseLevel(inputs);
            if (step == 1) {
                firstLevel = level;
            } else if (level.isPresent() && firstLevel.isPresent()) {
                double here = level.getAsDouble() / firstLevel.getAsDouble();
                double there = fitted.timesteps().get(1) / fitted.timesteps().get(0);
                if (Math.abs(here - there) > NEAR) {
                    found.add("noise levels that begin otherwise (another sampler or shift)");
                }
            }
        }
        return sentence(found);
    }

    private Optional<String> sentence(List<String> differences) {
        return differences.isEmpty()
                ? Optional.empty()
                : Optional.of("Policy '" + policy + "' was fitted for " + String.join(" and ", differences)
                        + ": what speed and quality it has here is not known. Calibrate for what is generated here"
                        + " ('calibrate'), or take a policy without a fit");
    }
}
