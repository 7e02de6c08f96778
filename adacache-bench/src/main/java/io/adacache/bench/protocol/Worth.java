package io.adacache.bench.protocol;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.adacache.bench.pipeline.Workers;
import io.adacache.bench.protocol.Method.Kind;
import io.adacache.tune.Fitting;
import io.adacache.tune.Fitting.ScheduleErrors;
import io.adacache.tune.Recording;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What looking at the video is worth at one speed, on the tuning prompts: the method against the best schedule that is the same for all of
 * them, and against schedules that know each of them beforehand (the oracle).
 *
 * @param speed that was wanted
 * @param computed steps of the method, mean over prompts
 * @param online PSNR of the method, which decides as it goes
 * @param planned PSNR of the best schedule for all prompts together; null where none was tried
 * @param oracle PSNR where each prompt has the best of the schedules planned on its own recording, with as many computed steps as the method
 * @param fewerSteps PSNR without caching, but with a sampler of as many steps, from the same noise
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record Worth(
        double speed,
        double computed,
        double online,
        @Nullable Double planned,
        double oracle,
        double fewerSteps) {
    /** Powers to which errors of runs are added up, and orders of the forecasts: what planned schedules are tried with. */
    private static final List<Integer> TRIED = List.of(1, 4);

    private static final List<Integer> ORDERS = List.of(1, 2);

    /** Generates tuning prompts, on any thread. */
    public interface Clips {
        /** Returns the PSNR of a policy's clip of a prompt. */
        double psnr(int prompt, String policy);

        /** Returns the mean PSNR of clips that are not cached, with fewer steps of the sampler: so many calls of the model at most. */
        double ofFewerSteps(int calls);
    }

    /**
     * Finds out.
     *
     * @param against the method
     * @param kinds of all methods, by name
     * @param recordings of the tuning prompts
     * @param workers generate prompts side by side
     * @param clips generates
     * @return by speed; nothing where the recordings do not hold what planning asks for
     */
    public static List<Worth> of(
            String against,
            List<Trial> trials,
            Map<String, Kind> kinds,
            List<Recording> recordings,
            Workers workers,
            Clips clips) {
        List<ScheduleErrors> own;
        try {
            own = recordings.stream()
                    .map(recording -> Fitting.scheduleErrors(List.of(recording)))
                    .toList();
        } catch (IllegalArgumentException e) {
            // The methods that take part measure nothing of the kind.
            return List.of();
        }
        List<Worth> worths = new ArrayList<>();
        for (Trial trial : trials) {
            if (trial.chosen() && trial.method().equals(against)) {
                worths.add(new Worth(
                        trial.speed(),
                        trial.work(),
                        trial.psnr(),
                        planned(trials, kinds, trial.speed()).orElse(null),
                        oracle(own, (int) Math.round(trial.work()), workers, clips),
                        clips.ofFewerSteps((int) Math.round(trial.work()))));
            }
        }
        return worths;
    }

    private static Optional<Double> planned(List<Trial> trials, Map<String, Kind> kinds, double speed) {
        return trials.stream()
                .filter(trial -> trial.chosen() && trial.speed() == speed && kinds.get(trial.method()) == Kind.PLANNED)
                .map(Trial::psnr)
                .max(Comparator.naturalOrder());
    }

    private static double oracle(List<ScheduleErrors> own, int computed, Workers workers, Clips clips) {
        return workers
                .map(own.size(), prompt -> schedules(own.get(prompt), computed)
                        .mapToDouble(policy -> clips.psnr(prompt, policy))
                        .max()
                        .orElseThrow())
                .stream()
                .mapToDouble(Double::doubleValue)
                .average()
                .orElseThrow();
    }

    private static Stream<String> schedules(ScheduleErrors errors, int computed) {
        return TRIED.stream()
                .map(power -> errors.best(Math.max(1, Math.min(computed, errors.steps())), power).stream()
                        .map(String::valueOf)
                        .collect(Collectors.joining(";", "steps:computed=", "")))
                .distinct()
                .flatMap(schedule -> ORDERS.stream().map(order -> schedule + ",forecast=" + order));
    }
}
