package io.adacache;

import io.adacache.Calibration.Outcome;
import io.adacache.Calibration.Point;
import io.adacache.Calibration.Progress;
import io.adacache.Calibration.Result;
import io.adacache.Calibration.Target;
import io.adacache.Calibration.Target.Kind;
import io.adacache.CalibrationRuns.Trial;
import io.adacache.calibrate.Knob;
import io.adacache.calibrate.Replays;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Generation.Scope;
import io.adacache.tune.Recording;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The order of a calibration: record, then per policy guess by replay, run, learn and guess again; then check the best on other prompts.
 *
 * @param <T> the engine's tensor type
 */
final class CalibrationSearch<T> {
    /** On so many prompts a policy is tried first, and so often. */
    private static final int PILOTS = 2;
    /** Rounds of real runs of the policy that is taken at most. */
    private static final int ROUNDS = 3;
    /** How often a setting is moved by what prompts kept apart show. */
    private static final int MOST_MOVES = 3;

    /** How far off a speed may be predicted to be before another round, and at the end: as a share. */
    private static final double CLOSE_SHARE = 0.02;

    private static final double MOVES_SHARE = 0.03;

    private static final double REACHED_SHARE = 0.05;
    /** The same for quality, in decibels. */
    private static final double CLOSE_DECIBELS = 0.3;

    private static final double MOVES_DECIBELS = 0.5;

    private static final double REACHED_DECIBELS = 1;
    private static final double NANOS = 1e9;

    private final Calibration<T> calibration;
    private final Target target;
    private final List<Knob> knobs;
    private final CalibrationRuns<T> runs;
    private final long begun = System.nanoTime();
    private double expected;

    CalibrationSearch(Calibration<T> calibration, Target target, List<Knob> knobs) {
        this.calibration = calibration;
        this.target = target;
        this.knobs = knobs;
        this.runs = new CalibrationRuns<>(calibration);
        double speed = target.kind() == Kind.SPEEDUP ? target.value() : 2;
        int all = calibration.tuning + calibration.checking;
        this.expected = all + (knobs.size() * 1.5 * calibration.tuning + calibration.checking) / speed;
    }

    Result find() {
        List<Recording> recordings = recordings();
        Replays replays = new Replays(recordings, calibration::policy, calibration.cost::of);
        List<CalibrationModel> models = new ArrayList<>();
        for (Knob knob : knobs) {
            models.add(new CalibrationModel(
                    knob, replays, calibration.steps, knob.isFine(calibration::check)));
        }
        if (models.size() > 1) {
            models.forEach(this::pilot);
        }
        CalibrationModel best = best(models);
        tune(best);
        return check(best, runs.scope(recordings.get(0)));
    }

    private List<Recording> recordings() {
        List<CachePolicy> measured = knobs.stream()
                .map(knob -> calibration.policy(
                        knob.at(knob.values().get(knob.values().size() / 2))))
                .toList();
        List<Recording> recordings = new ArrayList<>();
        for (int prompt = 0; prompt < calibration.tuning; prompt++) {
            say("records prompt " + (prompt + 1) + " of " + calibration.tuning);
            recordings.add(runs.record(prompt, measured));
        }
        return recordings;
    }

    /** Runs a policy on few prompts near the wish, so that it can be told from others. */
    private void pilot(CalibrationModel model) {
        for (int round = 1; round <= PILOTS; round++) {
            String setting = model.settingFor(target);
            boolean isNew = model.trials(setting) == 0;
            run(model, setting, Math.min(PILOTS, calibration.tuning));
            if (!isNew || target.kind() == Kind.SPEEDUP && miss(model.outcome(setting)) <= close()) {
                return;
            }
        }
    }

    /** Runs where the wish is to be met, learns, and looks again, until the next guess is where it ran. */
    private void tune(CalibrationModel model) {
        for (int round = 1; round <= ROUNDS; round++) {
            String setting = model.settingFor(target);
            boolean first = round == 1 && target.kind() != Kind.SPEEDUP && knobs.size() == 1;
            int prompts = first ? Math.min(PILOTS, calibration.tuning) : calibration.tuning;
            if (model.trials(setting) >= prompts) {
                return;
            }
            run(model, setting, prompts);
            if (!first && miss(model.outcome(setting)) <= close()) {
                return;
            }
        }
    }

    private void run(CalibrationModel model, String setting, int prompts) {
        for (int prompt = 0; prompt < prompts; prompt++) {
            say("runs " + setting + " on prompt " + (prompt + 1) + " of " + prompts);
            model.learn(setting, prompt, runs.run(setting, prompt));
        }
    }

    private double close() {
        return target.kind() == Kind.PSNR ? CLOSE_DECIBELS : CLOSE_SHARE;
    }

    /** How far a wish is missed: decibels, or a share. */
    private double miss(Outcome outcome) {
        double came = asked(outcome);
        return target.kind() == Kind.PSNR ? Math.abs(came - target.value()) : Math.abs(came / target.value() - 1);
    }

    /** What an outcome has of that which is wished for. */
    private double asked(Outcome outcome) {
        return switch (target.kind()) {
            case PSNR -> outcome.psnr().mean();
            case SPEEDUP -> outcome.operations();
            case SECONDS -> outcome.seconds();
        };
    }

    /** Of the policies that come near the wish the one that does best in the other respect. */
    private CalibrationModel best(List<CalibrationModel> models) {
        List<Candidate> all = models.stream()
                .map(model -> new Candidate(model, model.outcome(model.settingFor(target))))
                .toList();
        List<Candidate> near =
                all.stream().filter(one -> miss(one.outcome) <= reached()).toList();
        Optional<Candidate> best = near.isEmpty()
                ? all.stream().min(Comparator.comparingDouble(one -> miss(one.outcome)))
                : near.stream().max(Comparator.comparingDouble(one -> gain(one.outcome)));
        return best.orElseThrow().model;
    }

    private record Candidate(CalibrationModel model, Outcome outcome) {}

    private double gain(Outcome outcome) {
        return target.kind() == Kind.PSNR
                ? outcome.operations()
                : outcome.psnr().mean();
    }

    /**
     * Runs the winner on the prompts kept apart. Where both sets of prompts together miss the wish, the setting moves by as much and is
     * run there again, a few times at most; the one that came nearest is kept.
     */
    private Result check(CalibrationModel model, Scope scope) {
        String first = model.settingFor(target);
        Checked best = checked(model, first);
        Checked now = best;
        Target aim = target;
        Set<String> tried = new HashSet<>(Set.of(first));
        for (int move = 0; move < MOST_MOVES && miss(now.all) > moves(); move++) {
            aim = corrected(aim, now.all);
            String other = model.settingFor(aim);
            if (!tried.add(other)) {
                break;
            }
            now = checked(model, other);
            best = miss(now.all) < miss(best.all) ? now : best;
        }
        boolean reachable = miss(best.all) <= reached();
        return new Result(
                target,
                model.template(),
                best.setting,
                reachable,
                reachable ? sure(best.measured, !best.setting.equals(first)) : missed(model, best.all),
                model.outcome(best.setting),
                best.measured,
                model.curve(),
                scope,
                runs.agreement(),
                runs.spent(),
                best.trials.stream()
                        .mapToLong(trial -> (long) trial.bytesHeld())
                        .max()
                        .orElse(0));
    }

    /**
     * A setting that was run on the prompts kept apart.
     *
     * @param all what these and the tuning prompts have together
     */
    private record Checked(String setting, List<Trial> trials, Outcome measured, Outcome all) {}

    private Checked checked(CalibrationModel model, String setting) {
        List<Trial> trials = trials(setting);
        Outcome measured = CalibrationModel.outcome(trials);
        return new Checked(setting, trials, measured, CalibrationModel.together(model.outcome(setting), measured));
    }

    private List<Trial> trials(String setting) {
        List<Trial> trials = new ArrayList<>();
        for (int i = 0; i < calibration.checking; i++) {
            say("checks " + setting + " on prompt " + (i + 1) + " of " + calibration.checking + " kept apart");
            trials.add(runs.run(setting, calibration.tuning + i));
        }
        return trials;
    }

    /** What to wish for, after what was wished for last time, so that all prompts together come out at the wish. */
    private Target corrected(Target aim, Outcome all) {
        double value = target.value();
        double came = asked(all);
        return switch (target.kind()) {
            case PSNR -> Target.psnr(Math.max(1, aim.value() + value - came));
            case SPEEDUP -> Target.speedup(Math.max(1.01, aim.value() * value / came));
            case SECONDS -> Target.seconds(aim.value() * value / came);
        };
    }

    private double moves() {
        return target.kind() == Kind.PSNR ? MOVES_DECIBELS : MOVES_SHARE;
    }

    private double reached() {
        return target.kind() == Kind.PSNR ? REACHED_DECIBELS : REACHED_SHARE;
    }

    private String sure(Outcome measured, boolean moved) {
        double off = miss(measured);
        String unit = target.kind() == Kind.PSNR
                ? String.format(Locale.ROOT, "%.1f dB", off)
                : String.format(Locale.ROOT, "%.0f %%", 100 * off);
        return "on " + measured.prompts() + " prompts kept apart it is " + unit + " off"
                + (moved ? ", after it was moved by what they showed" : "")
                + (target.kind() == Kind.PSNR ? "; prompts differ, so give more of them to know more" : "");
    }

    /** Why a wish is not kept: it lies beyond all that was tried, or prompts differ too much to meet it. */
    private String missed(CalibrationModel model, Outcome all) {
        boolean within = model.curve().stream().anyMatch(point -> over(model, point) >= 0)
                && model.curve().stream().anyMatch(point -> over(model, point) <= 0);
        if (!within) {
            return outOfReach(model);
        }
        return String.format(
                Locale.ROOT,
                "%s was not met: the nearest setting came to %.3g over all %d prompts; prompts differ, so give more of them",
                target,
                asked(all),
                all.prompts());
    }

    /** How far a point of the curve is above the wish. */
    private double over(CalibrationModel model, Point point) {
        return switch (target.kind()) {
            case PSNR -> point.psnr() - target.value();
            case SPEEDUP -> point.operations() - target.value();
            case SECONDS -> model.seconds(point.setting()) - target.value();
        };
    }

    private String outOfReach(CalibrationModel model) {
        List<Point> curve = model.curve();
        return switch (target.kind()) {
            case PSNR ->
                String.format(
                        Locale.ROOT,
                        "%s is not among what this policy can do on this model: %.1f to %.1f dB can be reached"
                                + " (none, the plain model, is exact)",
                        target,
                        curve.stream().mapToDouble(Point::psnr).min().orElse(0),
                        curve.stream()
                                .mapToDouble(Point::psnr)
                                .filter(db -> db < 100)
                                .max()
                                .orElse(0));
            case SPEEDUP ->
                String.format(
                        Locale.ROOT,
                        "%s is not among what this policy can do on this model: %.2f to %.2f times can be reached",
                        target,
                        curve.stream().mapToDouble(Point::operations).min().orElse(1),
                        curve.stream().mapToDouble(Point::operations).max().orElse(1));
            case SECONDS ->
                String.format(
                        Locale.ROOT,
                        "%s is not among what this policy can do here: %.3g to %.3g seconds can be reached",
                        target,
                        model.seconds(curve.get(curve.size() - 1).setting()),
                        model.seconds(curve.get(0).setting()));
        };
    }

    private void say(String doing) {
        double spent = runs.spent();
        double seconds = (System.nanoTime() - begun) / NANOS;
        expected = Math.max(expected, spent);
        calibration.listener.accept(
                new Progress(doing, spent, expected, spent == 0 ? 0 : seconds / spent * (expected - spent)));
    }
}
