package io.adacache.policy;

import io.adacache.layout.TokenGrid;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What is announced of a generation before its first step.
 *
 * @param steps number of steps, N; a step is one call of the denoiser per branch
 * @param branches names of the guidance streams that are called separately; one for batched guidance
 * @param timesteps the noise level of each step on the scale 0..1000, or empty where not announced
 * @param gains how much of the prediction the sampler adds to the latent in each step, or empty where not announced: what a wrong
 *     prediction does there and then. Known to the sampler alone; of Euler steps along a velocity it is their length
 */
public record Generation(int steps, List<String> branches, List<Double> timesteps, List<Double> gains) {
    /** The branch of a generation that has only one. */
    public static final String SINGLE_BRANCH = "single";

    /** Copies the lists and checks them. */
    public Generation {
        branches = List.copyOf(branches);
        timesteps = List.copyOf(timesteps);
        gains = List.copyOf(gains);
        if (steps < 1) {
            throw new IllegalArgumentException("A generation has at least one step, but " + steps + " were announced");
        }
        if (branches.isEmpty() || branches.stream().distinct().count() != branches.size()) {
            throw new IllegalArgumentException(
                    "A generation needs one or more different branches, but got " + branches);
        }
        if (timesteps.stream().anyMatch(level -> !Double.isFinite(level))) {
            throw new IllegalArgumentException("The noise level of a step is a number, 0..1000, but got " + timesteps);
        }
        if (!timesteps.isEmpty() && timesteps.size() != steps) {
            throw new IllegalArgumentException(timesteps.size() + " timesteps were announced for " + steps
                    + " steps; give one for each step or none");
        }
        if (!gains.isEmpty() && gains.size() != steps) {
            throw new IllegalArgumentException(
                    gains.size() + " gains were announced for " + steps + " steps; give one for each step or none");
        }
        for (double gain : gains) {
            if (!(gain >= 0) || Double.isInfinite(gain)) {
                throw new IllegalArgumentException("Gains are finite numbers of 0 or more, but got " + gain);
            }
        }
    }

    /** Creates one without announced gains. */
    public Generation(int steps, List<String> branches, List<Double> timesteps) {
        this(steps, branches, timesteps, List.of());
    }

    /**
     * Where a setting was fitted, and so where it holds: what it does elsewhere nobody knows. Used elsewhere, a session says so once.
     *
     * @param steps calls of the denoiser per branch; 0 where any will do
     * @param timesteps the noise level of each step; empty where any will do
     * @param branches how many guidance streams were called separately; 0 where any will do
     * @param size latent frames and tokens per frame of the hidden state, {@code 8x16}; empty where any will do
     * @param facts what else it depends on, by name: sampler, dtype, guidance; compared where a session is told it too
     *     ({@link io.adacache.CacheSession.Builder#facts}), and else for people: date, prompts
     */
    public record Scope(int steps, List<Double> timesteps, int branches, String size, Map<String, String> facts) {
        /** How far noise levels of two generations may be from each other, as shares of their first ones. */
        private static final double NEAR = 0.002;

        private static final int SHOWN = 3;

        /** Copies list and map. */
        public Scope {
            timesteps = List.copyOf(timesteps);
            facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
        }

        /** Returns the scope of what was fitted for a number of steps, whatever else. */
        public static Scope steps(int steps) {
            return new Scope(steps, List.of(), 0, "", Map.of());
        }

        /** Returns how tokens lie, as a scope's size; empty where that is not known. */
        public static String sizeOf(TokenGrid grid) {
            return grid.tokensPerFrame() == 0 ? "" : grid.frames() + "x" + grid.tokensPerFrame();
        }

        /** Returns what is different in a generation, in words, one per difference; none inside the scope. */
        public List<String> differences(Generation generation) {
            List<String> found = new ArrayList<>();
            if (steps > 0 && steps != generation.steps()) {
                found.add(steps + " steps (here " + generation.steps() + ")");
            } else if (!generation.timesteps().isEmpty() && !nearAll(generation.timesteps())) {
                found.add("the noise levels " + shown(timesteps) + " (here " + shown(generation.timesteps()) + ")");
            }
            int here = generation.branches().size();
            if (branches > 0 && branches != here) {
                found.add(branches + (branches == 1 ? " call" : " calls") + " per step (here " + here + ")");
            }
            return found;
        }

        /** Returns what is different in the sizes of a call, in words; none inside the scope, or where they are not known. */
        public List<String> differences(TokenGrid grid) {
            String here = sizeOf(grid);
            return size.isEmpty() || here.isEmpty() || here.equals(size)
                    ? List.of()
                    : List.of(size + " frames and tokens per frame (here " + here + ")");
        }

        /** Returns which of some facts are others, in words; none for what is known of one side alone. */
        public List<String> differences(Map<String, String> known) {
            List<String> found = new ArrayList<>();
            facts.forEach((name, value) -> {
                String here = known.getOrDefault(name, value);
                if (!here.equals(value)) {
                    found.add(name + " " + value + " (here " + here + ")");
                }
            });
            return found;
        }

        /** Compares levels as shares of the first: what a model is given may be on another scale. */
        private boolean nearAll(List<Double> others) {
            if (timesteps.isEmpty() || timesteps.get(0) == 0 || others.get(0) == 0) {
                return true;
            }
            for (int i = 0; i < Math.min(timesteps.size(), others.size()); i++) {
                if (Math.abs(timesteps.get(i) / timesteps.get(0) - others.get(i) / others.get(0)) > NEAR) {
                    return false;
                }
            }
            return timesteps.size() == others.size();
        }

        private static String shown(List<Double> levels) {
            return levels.stream()
                    .limit(SHOWN)
                    .map(level -> String.format(Locale.ROOT, "%.4g", level))
                    .collect(Collectors.joining(", ", "", levels.size() > SHOWN ? ", ..." : ""));
        }
    }

    /**
     * Returns how far the noise level falls in a step, to 0 in the last; 1 where no levels were announced.
     *
     * @param index of the step, from 0
     */
    public double way(int index) {
        double next = index + 1 < timesteps.size() ? timesteps.get(index + 1) : 0;
        return timesteps.isEmpty() ? 1 : Math.abs(timesteps.get(index) - next);
    }

    /** Returns a generation of one branch without announced timesteps. */
    public static Generation of(int steps) {
        return new Generation(steps, List.of(SINGLE_BRANCH), List.of());
    }
}
