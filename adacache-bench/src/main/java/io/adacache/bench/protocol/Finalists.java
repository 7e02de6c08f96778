package io.adacache.bench.protocol;

import io.adacache.bench.protocol.Method.Kind;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which settings of rivals are tested: at each speed those that were best on the tuning prompts, so many that repeat and so many that forecast.
 * The upper envelope of rivals is what counts, and it is made of these. A method's own variants, planned schedules and policies without an
 * open number are always tested, its parts never.
 */
public final class Finalists {
    private final Map<String, Kind> kinds;
    private final int most;

    /**
     * Creates the rule.
     *
     * @param methods who takes part
     * @param most of each kind and speed; 0 for all
     */
    public Finalists(List<Method> methods, int most) {
        this.kinds = methods.stream()
                .filter(method -> method.trials().stream().anyMatch(Method::isOpen))
                .collect(Collectors.toMap(Method::name, Method::kind));
        this.most = most;
    }

    /** Returns the trials, those that were chosen but are not good enough marked as not tested. */
    public List<Trial> of(List<Trial> trials) {
        Set<Trial> out = trials.stream()
                .filter(trial -> kinds.get(trial.method()) == Kind.PART)
                .collect(Collectors.toCollection(HashSet::new));
        for (Kind kind : List.of(Kind.REPEATS, Kind.FORECASTS)) {
            Map<Double, List<Trial>> bySpeed = trials.stream()
                    .filter(trial -> trial.chosen() && kinds.get(trial.method()) == kind)
                    .collect(Collectors.groupingBy(Trial::speed));
            bySpeed.values().forEach(rivals -> rivals.stream()
                    .sorted(Comparator.comparingDouble(Trial::psnr).reversed())
                    .skip(most == 0 ? rivals.size() : most)
                    .forEach(out::add));
        }
        return trials.stream()
                .map(trial -> out.contains(trial) ? trial.leaveOut() : trial)
                .toList();
    }
}
