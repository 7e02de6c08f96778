package io.adacache.bench.protocol;

import io.adacache.bench.pipeline.Pipeline;
import io.adacache.policy.CachePolicy;
import io.adacache.tune.Fitting;
import io.adacache.tune.Recording;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * The one search for all methods: at each speed the open number of each trial by replay on recordings, then the best of the trials by
 * generations on tuning prompts.
 */
public final class Search {
    /** How far above the wanted work a trial may be. */
    private static final double OVER = 1.03;
    /** Below this share of it, the method cannot be set to that speed. */
    private static final double UNDER = 0.8;

    private final Pipeline pipeline;
    private final List<Recording> recordings;
    private final ToDoubleFunction<String> quality;
    private final Fitted fitted;
    private final Runnable tried;

    /**
     * Creates a search.
     *
     * @param recordings of the tuning prompts, with all that the methods measure
     * @param quality returns the mean PSNR of a policy's generations on tuning prompts
     * @param tried hears that a trial is done, {@link #trials(List, int)} times in all
     */
    public Search(Pipeline pipeline, List<Recording> recordings, ToDoubleFunction<String> quality, Runnable tried) {
        this.pipeline = pipeline;
        this.recordings = List.copyOf(recordings);
        this.quality = quality;
        this.fitted = Fitted.on(recordings);
        this.tried = tried;
    }

    /**
     * Returns the policies whose measures a recording must hold for these methods to be replayed.
     *
     * @throws IllegalArgumentException if the program knows no such policy, or it does not go with the model
     */
    public static List<CachePolicy> measured(Pipeline pipeline, Method method) {
        List<CachePolicy> policies = new ArrayList<>();
        for (String trial : method.trials()) {
            double number =
                    Method.isWhole(trial) ? Math.max(1, Math.ceil(method.low())) : (method.low() + method.high()) / 2;
            CachePolicy policy = pipeline.policy(Method.policy(trial, number, Fitted.standIns()));
            pipeline.check(policy);
            policies.add(policy);
        }
        return policies;
    }

    /** Returns how many trials there are at so many speeds. */
    public static int trials(List<Method> methods, int speeds) {
        return methods.stream()
                .flatMap(method -> method.trials().stream())
                .mapToInt(trial -> Method.isOpen(trial) ? speeds : 1)
                .sum();
    }

    /** Returns all trials of a method at these speeds, the best of each speed chosen. Trials that miss the speed are left out. */
    public List<Trial> trials(Method method, List<Double> speeds) {
        List<Trial> all = new ArrayList<>();
        List<String> open = method.trials().stream().filter(Method::isOpen).toList();
        for (String trial : method.trials()) {
            if (!Method.isOpen(trial)) {
                // There is nothing to choose: a fixed policy is a point of the curve as it is.
                String policy = Method.policy(trial, 0, fitted);
                double work = work(policy);
                all.add(Trial.fixed(method.name(), calls() / work, policy, work, quality.applyAsDouble(policy)));
                tried.run();
            }
        }
        for (double speed : open.isEmpty() ? List.<Double>of() : speeds) {
            List<Trial> at = new ArrayList<>();
            for (String trial : open) {
                at(method, trial, speed).ifPresent(at::add);
                tried.run();
            }
            at.stream()
                    .max(Comparator.comparingDouble(Trial::psnr))
                    .ifPresent(best -> at.forEach(each -> all.add(each == best ? each.choose() : each)));
        }
        return all;
    }

    private Optional<Trial> at(Method method, String trial, double speed) {
        double wanted = calls() / speed;
        double number = Method.isWhole(trial)
                ? whole(method, trial, wanted)
                : Fitting.settingFor(
                        recordings,
                        value -> pipeline.policy(Method.policy(trial, value, fitted)),
                        wanted,
                        method.low(),
                        method.high());
        String policy = Method.policy(trial, number, fitted);
        double work = work(policy);
        if (work > OVER * wanted || work < UNDER * wanted) {
            return Optional.empty();
        }
        return Optional.of(Trial.of(method.name(), speed, policy, work, quality.applyAsDouble(policy)));
    }

    /** The whole number with which most is computed of what is not more than wanted. */
    private double whole(Method method, String trial, double wanted) {
        double best = method.high();
        double most = -1;
        for (double number = Math.ceil(method.low()); number <= Math.min(method.high(), calls()); number++) {
            double work = work(Method.policy(trial, number, fitted));
            if (work <= OVER * wanted && work > most) {
                most = work;
                best = number;
            }
        }
        return best;
    }

    private double work(String policy) {
        return Fitting.work(recordings, pipeline.policy(policy));
    }

    private double calls() {
        return pipeline.calls();
    }
}
