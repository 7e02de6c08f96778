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
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Predicate;

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
    /** So many uncached generations are spent at most per prompt: 12 on the usual seven. */
    private static final double GENERATIONS_PER_PROMPT = 12.0 / 7;

    /** How many more prompts are looked at next, where few do not tell: a few tell badly how many it takes. */
    private static final int MOST_TIMES_MORE = 4;

    /** How far off a speed may be predicted to be before another round, and at the end: as a share. */
    private static final double CLOSE_SHARE = 0.02;

    /** Between two settings none is tried nearer to one of them than this share of the way. */
    private static final double EDGE = 0.2;

    private static final double MOVES_SHARE = 0.03;

    private static final double REACHED_SHARE = 0.05;
    /** The same for quality, in decibels. */
    private static final double CLOSE_DECIBELS = 0.3;

    private static final double MOVES_DECIBELS = 0.5;

    static final double REACHED_DECIBELS = 1;
    private static final double NANOS = 1e9;

    private final Calibration<T> calibration;
    private final Target target;
    private final List<Knob> knobs;
    private final CalibrationRuns<T> runs;
    private final long begun = System.nanoTime();
    private double expected;
    private int apart;

    CalibrationSearch(Calibration<T> calibration, Target target, List<Knob> knobs) {
        this.calibration = calibration;
        this.target = target;
        this.knobs = knobs;
        this.runs = new CalibrationRuns<>(calibration);
        this.apart = calibration.checking;
        double speed = target.kind() == Kind.SPEEDUP ? target.value() : 2;
        int all = calibration.tuning + calibration.checking;
        this.expected = all + (knobs.size() * 1.5 * calibration.tuning + calibration.checking) / speed;
    }

    Result find() {
        List<Recording> recordings = recordings();
        Replays replays = new Replays(recordings, calibration::policy, calibration.cost::of);
        List<CalibrationModel> models = new ArrayList<>();
        for (Knob knob : knobs) {
            models.add(new CalibrationModel(knob, replays, calibration.steps, knob.isFine(calibration::check)));
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
            if (round > 1 && !affords(model, setting, 2 * PILOTS + apart)) {
                return;
            }
            run(model, setting, Math.min(PILOTS, calibration.tuning));
            if (!isNew || miss(model.outcome(setting)) <= reached()) {
                return;
            }
        }
    }

    /** Runs where the wish is to be met, learns, and looks again, until the next guess is where it ran. */
    private void tune(CalibrationModel model) {
        for (int round = 1; round <= ROUNDS; round++) {
            String setting = model.settingFor(target);
            boolean first =
                    round == 1 && target.kind() != Kind.SPEEDUP && knobs.size() == 1 && PILOTS < calibration.tuning;
            int prompts = first ? PILOTS : calibration.tuning;
            int more = prompts - model.trials(setting);
            boolean begun = round > 1 || knobs.size() > 1;
            if (more <= 0 || begun && !affords(model, setting, more + apart)) {
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

    /** Whether so many more cached generations may be made, beside the uncached ones that are still to come. */
    private boolean affords(CalibrationModel model, String setting, int generations) {
        int prompts = calibration.tuning + apart;
        double more = Math.max(0, prompts - runs.references())
                + generations / model.outcome(setting).operations();
        return runs.spent() + more <= GENERATIONS_PER_PROMPT * prompts;
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

    /** Runs the winner on the prompts kept apart, and on more of them as long as they do not tell as surely as was asked for. */
    private Result check(CalibrationModel model, Scope scope) {
        double value = model.valueFor(target);
        Checked best = settled(model, value);
        for (int more = wanted(best); more > apart; more = wanted(best)) {
            apart = more;
            best = settled(model, best.value);
        }
        boolean reachable = isReached(best);
        boolean moved = !best.setting.equals(model.setting(value));
        return new Result(
                target,
                model.template(),
                best.setting,
                reachable,
                reachable ? sure(best, moved) : missed(model, best.measured),
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

    /** How many prompts kept apart should be looked at next; as many as were if they tell enough, or that the wish is missed. */
    private int wanted(Checked best) {
        double half = best.measured.marginOfError();
        boolean told = !(half > calibration.within) || miss(best.measured) > Math.max(half, reached());
        if (target.kind() != Kind.PSNR || apart >= calibration.most || told) {
            return apart;
        }
        double times = Math.min(MOST_TIMES_MORE, Math.pow(half / calibration.within, 2));
        return Math.min(calibration.most, Math.max(apart + 1, (int) Math.ceil(apart * times)));
    }

    private boolean isReached(Checked tried) {
        return miss(tried.measured) <= reached();
    }

    /** Where the prompts kept apart miss the wish, the setting moves and is run there again, a few times at most; the one that came nearest is kept. */
    private Checked settled(CalibrationModel model, double begin) {
        List<Checked> all = new ArrayList<>(List.of(checked(model, begin)));
        for (int move = 0; move < MOST_MOVES && miss(nearest(all).measured) > moves(); move++) {
            Checked last = all.get(all.size() - 1);
            double value =
                    between(model, all).orElse(model.valueFor(corrected(model.outcome(last.setting), last.measured)));
            String setting = model.setting(value);
            if (all.stream().anyMatch(tried -> tried.setting.equals(setting))
                    || (move > 0 || isReached(nearest(all))) && !affords(model, setting, apart)) {
                break;
            }
            all.add(checked(model, value));
        }
        return nearest(all);
    }

    private Checked nearest(List<Checked> all) {
        return nearest(all, checked -> true).orElseThrow();
    }

    private Optional<Checked> nearest(List<Checked> all, Predicate<Checked> which) {
        return all.stream().filter(which).min(Comparator.comparingDouble(checked -> miss(checked.measured)));
    }

    /** The value between the nearest that came out below the wish and the nearest above, by how far each is off; empty while all are on one side. */
    private OptionalDouble between(CalibrationModel model, List<Checked> all) {
        Optional<Checked> below = nearest(all, checked -> asked(checked.measured) < target.value());
        Optional<Checked> above = nearest(all, checked -> asked(checked.measured) >= target.value());
        if (below.isEmpty() || above.isEmpty()) {
            return OptionalDouble.empty();
        }
        double off = miss(below.get().measured);
        double share = Math.min(1 - EDGE, Math.max(EDGE, off / (off + miss(above.get().measured))));
        return OptionalDouble.of(model.between(below.get().value, above.get().value, share));
    }

    /** A setting that was run on the prompts kept apart. */
    private record Checked(double value, String setting, List<Trial> trials, Outcome measured) {}

    private Checked checked(CalibrationModel model, double value) {
        String setting = model.setting(value);
        List<Trial> trials = trials(setting);
        return new Checked(value, setting, trials, CalibrationModel.outcome(trials));
    }

    private List<Trial> trials(String setting) {
        List<Trial> trials = new ArrayList<>();
        for (int i = 0; i < apart; i++) {
            say("checks " + setting + " on prompt " + (i + 1) + " of " + apart + " kept apart");
            trials.add(runs.run(setting, calibration.tuning + i));
        }
        return trials;
    }

    /** What to wish for so that the prompts kept apart come out at the wish, after what one setting was expected to do and did there. */
    private Target corrected(Outcome thought, Outcome came) {
        double value = target.value();
        double factor = asked(thought) / asked(came);
        return switch (target.kind()) {
            case PSNR -> Target.psnr(Math.max(1, value + asked(thought) - asked(came)));
            case SPEEDUP -> Target.speedup(Math.max(1.01, value * factor));
            case SECONDS -> Target.seconds(value * factor);
        };
    }

    private double moves() {
        return target.kind() == Kind.PSNR ? MOVES_DECIBELS : MOVES_SHARE;
    }

    private double reached() {
        return target.kind() == Kind.PSNR ? REACHED_DECIBELS : REACHED_SHARE;
    }

    /** How far the wish was met, and how sure that is of prompts that were not tried. */
    private String sure(Checked best, boolean moved) {
        double off = miss(best.measured);
        String unit = target.kind() == Kind.PSNR
                ? String.format(Locale.ROOT, "%.1f dB", off)
                : String.format(Locale.ROOT, "%.0f %%", 100 * off);
        return "on " + best.measured.prompts() + " prompts kept apart it is " + unit + " off"
                + (moved ? ", after it was moved by what they showed" : "")
                + (target.kind() == Kind.PSNR ? "; " + others(best.measured) : "");
    }

    private static String others(Outcome measured) {
        double half = measured.marginOfError();
        if (!Double.isFinite(half)) {
            return "one prompt does not tell how others come out; check on more";
        }
        String within = String.format(Locale.ROOT, "the mean of many others lies within %.1f dB of that (95 %%)", half);
        if (half <= REACHED_DECIBELS) {
            return within;
        }
        return String.format(
                Locale.ROOT,
                "other prompts cannot be promised it to 1 dB: prompts differ, and %s; about %.0f prompts would tell ('calibrate --within 1')",
                within,
                measured.prompts() * half * half);
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
                "%s was not met: the nearest of the settings that were run came to %.3g on %d prompts kept apart; neighbours differ by more"
                        + " than that, or prompts do: take it as it is, or give more prompts",
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
