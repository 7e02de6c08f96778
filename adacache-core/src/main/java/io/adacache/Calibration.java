package io.adacache;

import io.adacache.calibrate.Knob;
import io.adacache.calibrate.SharedTime;
import io.adacache.calibrate.SharedTime.Expected;
import io.adacache.calibrate.Spread;
import io.adacache.event.Trace;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Generation;
import io.adacache.policy.PolicyProvider;
import io.adacache.policy.Setting;
import io.adacache.spi.Transformer;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Finds the setting of a policy that keeps a wish: so many times faster, so many decibels, in so many seconds. Whatever makes
 * generations (sampler, text encoder, decoder) stays the service's; it is called back with a session.
 *
 * <pre>{@code
 * Calibration.Result found = Calibration.of(dit, 30, (prompt, session) -> clips.generate(prompt, session))
 *         .find(Calibration.Target.speedup(2.5));
 * }</pre>
 *
 * <p>The first prompts are generated uncached and recorded; replays say what settings would do, a few real runs say what becomes of
 * that live, and the winner is run on the last prompts, which nothing was chosen on. Belongs to one thread.
 *
 * @param <T> the engine's tensor type
 */
public final class Calibration<T> {
    /** How many prompts settings are chosen on unless told. */
    public static final int TUNING = 2;

    /** Settings that are calibrated where a text marks none, the first that a policy has. */
    private static final List<String> FREE_BY_CUSTOM = List.of("quality", "threshold", "codebook", "n", "steps");

    /** How many prompts the winner is checked on unless told. */
    public static final int CHECKING = 5;

    /**
     * Makes one generation, with whatever the service does around the denoiser.
     *
     * @param <T> the engine's tensor type
     */
    public interface Clips<T> {
        /**
         * Generates. The same prompt must begin with the same noise each time.
         *
         * @param prompt from 0; the first ones are tuned on, the others checked on
         * @param session to be called for each step; closed afterwards by whoever calls this
         * @return what quality is measured on, with values from 0 to 1: the decoded clip, or a smaller picture of it; always as many
         */
        float[] generate(int prompt, CacheSession<T> session);
    }

    /** What a generation costs, in operations. */
    public interface Cost {
        /** Returns the operations of a generation over those of the uncached one. */
        double of(CachePolicy policy, Trace trace);
    }

    /** Where a calibration keeps what it has, so that one that was interrupted goes on. */
    public interface Keep {
        /** Returns what was kept under a name: letters, digits, {@code -} and {@code .}. */
        Optional<byte[]> find(String name);

        /** Keeps something, whole or not at all. */
        void keep(String name, byte[] content);
    }

    /**
     * A wish.
     *
     * @param kind of what
     * @param value times, decibels or seconds
     */
    public record Target(Kind kind, double value) {
        /** What is wished for. */
        public enum Kind {
            /** Operations of the uncached generation over those of the cached one. */
            SPEEDUP,
            /** Mean PSNR against the uncached clips, in decibels. */
            PSNR,
            /** Mean wall-clock time of a generation's steps, samplers included. */
            SECONDS
        }

        /** Checks the value. */
        public Target {
            double least = kind == Kind.SPEEDUP ? 1 : 0;
            if (!Double.isFinite(value) || value <= least) {
                throw new IllegalArgumentException("A wish for " + kind.name().toLowerCase(Locale.ROOT)
                        + " is a number above " + (int) least + ", but got " + value);
            }
        }

        /** Returns the wish to be so many times faster, counted in operations. */
        public static Target speedup(double times) {
            return new Target(Kind.SPEEDUP, times);
        }

        /** Returns the wish for a mean PSNR against the uncached clips. */
        public static Target psnr(double decibels) {
            return new Target(Kind.PSNR, decibels);
        }

        /** Returns the wish for generations that take so long on this machine. */
        public static Target seconds(double seconds) {
            return new Target(Kind.SECONDS, seconds);
        }

        @Override
        public String toString() {
            String text = BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
            return switch (kind) {
                case SPEEDUP -> text + " times faster";
                case PSNR -> text + " dB";
                case SECONDS -> text + " seconds";
            };
        }
    }

    /**
     * PSNR against the uncached clips, in decibels; 100 for equal clips.
     *
     * @param mean over prompts
     * @param low lower end of the 95 % confidence interval of the mean
     * @param high upper end
     * @param worst of the prompt that lost most
     */
    public record Psnr(double mean, double low, double high, double worst) {
        static Psnr of(List<Double> decibels) {
            Spread spread = Spread.of(decibels);
            return new Psnr(spread.mean(), spread.low(), spread.high(), spread.worst());
        }
    }

    /**
     * What a setting does.
     *
     * @param operations speed-up, in operations
     * @param wallClock speed-up, in time inside the loop
     * @param seconds of a generation
     * @param psnr against the uncached clips
     * @param prompts how many this is of
     */
    public record Outcome(double operations, double wallClock, double seconds, Psnr psnr, int prompts) {
        /** Returns within how many decibels of the mean that of many other prompts lies, with 95 % confidence; infinite for one prompt. */
        public double marginOfError() {
            return prompts < 2 ? Double.POSITIVE_INFINITY : (psnr.high() - psnr.low()) / 2;
        }
    }

    /**
     * A setting on the way.
     *
     * @param setting a policy's text
     * @param value of its free setting
     * @param operations speed-up to be expected, in operations
     * @param psnr mean PSNR to be expected
     */
    public record Point(String setting, double value, double operations, double psnr) {}

    /**
     * What was found.
     *
     * @param target the wish
     * @param template the policy with its free setting marked
     * @param setting a policy's text: what {@link Policies#parse} and a session take
     * @param reachable whether the wish can be kept
     * @param why why not, or how well it is known; a sentence
     * @param predicted by replays and the real runs on the tuning prompts
     * @param measured on the prompts that nothing was chosen on
     * @param curve what else could be had, from slow to fast
     * @param scope where the setting holds
     * @param agreement rank correlation of the {@linkplain CacheStats#estimatedError estimated error} with the loss of PSNR over all
     *     real runs, 1 where the larger always goes with the lower; what a guard is worth here
     * @param generations spent, in units of an uncached generation
     * @param bytesHeld most bytes kept between two steps
     */
    public record Result(
            Target target,
            String template,
            String setting,
            boolean reachable,
            String why,
            Outcome predicted,
            Outcome measured,
            List<Point> curve,
            Generation.Scope scope,
            double agreement,
            double generations,
            long bytesHeld) {
        /** Copies the list. */
        public Result {
            curve = List.copyOf(curve);
        }

        /** Whether the wish can be kept on other prompts, too, as far as can be known: a speed, or a quality that is known to 1 dB. */
        public boolean promised() {
            return reachable
                    && (target.kind() != Target.Kind.PSNR
                            || measured.marginOfError() <= CalibrationSearch.REACHED_DECIBELS);
        }

        private boolean wholeNumbers() {
            return curve.stream().allMatch(point -> point.value() == Math.rint(point.value()));
        }

        /**
         * Begins a queue of generations that share a time: all get nearly the same setting, and the setting moves as far as the time that is
         * left asks for. Under a bound on the error videos that change more are computed in more steps; under a number of calls
         * all are computed in as many, which came out as well or better where it was measured (docs/calibrate.md).
         *
         * @param seconds for the steps of all
         */
        public Queue queue(int clips, double seconds) {
            return new Queue(this, clips, seconds);
        }
    }

    /** A queue of generations that share a time. Belongs to one thread. */
    public static final class Queue {
        private final Knob knob;
        private final SharedTime time;

        private Queue(Result found, int clips, double seconds) {
            if (clips < 1 || !(seconds > 0)) {
                throw new IllegalArgumentException(
                        "A queue has one or more clips and a time, but got " + clips + " and " + seconds);
            }
            Outcome outcome = found.measured();
            double uncached = outcome.seconds() * outcome.wallClock();
            double gained = (outcome.wallClock() - 1) / Math.max(1e-9, outcome.operations() - 1);
            time = new SharedTime(
                    found.curve().stream()
                            .map(point -> new Expected(
                                    point.value(), uncached / (1 + Math.max(0, gained) * (point.operations() - 1))))
                            .toList(),
                    seconds,
                    clips);
            knob = new Knob(
                    found.template(),
                    List.of(),
                    found.wholeNumbers(),
                    found.scope().steps());
        }

        /** Returns the setting for the next generation. */
        public String next() {
            return knob.at(time.next());
        }

        /** Says how long the steps of the generation took that got the last setting. */
        public void took(double seconds) {
            time.took(seconds);
        }

        /** Returns the seconds that are left for those that have not begun. */
        public double left() {
            return time.left();
        }
    }

    /**
     * How far a calibration is.
     *
     * @param doing what is being done, in words
     * @param generations spent, in units of an uncached generation
     * @param expected generations in the end
     * @param secondsLeft estimate of the remaining time; 0 where nothing is known yet
     */
    public record Progress(String doing, double generations, double expected, double secondsLeft) {}

    final Transformer<T> model;
    final int steps;
    final Clips<T> clips;
    Generation generation;
    List<String> policies = List.of();
    int tuning = TUNING;
    int checking = CHECKING;
    int most = CHECKING;
    double within = Double.POSITIVE_INFINITY;
    Cost cost = (policy, trace) -> trace.work() / trace.announcedSteps();
    Keep keep = new Nowhere();
    Consumer<Progress> listener = progress -> {};
    Map<String, String> facts = Map.of();

    private Calibration(Transformer<T> model, int steps, Clips<T> clips) {
        this.model = model;
        this.steps = steps;
        this.clips = clips;
        this.generation = Generation.of(steps);
    }

    /**
     * Returns a calibration.
     *
     * @param steps number of steps: calls of the denoiser per branch
     * @param clips makes generations
     */
    public static <T> Calibration<T> of(Transformer<T> model, int steps, Clips<T> clips) {
        return new Calibration<>(model, steps, clips);
    }

    /** Announces branches, noise levels and whatever else is known of the generations before they begin; of as many steps. */
    public Calibration<T> generation(Generation announced) {
        if (announced.steps() != steps) {
            throw new IllegalArgumentException("A calibration of " + steps + " steps was given a generation of "
                    + announced.steps() + "; announce the same number");
        }
        generation = announced;
        return this;
    }

    /**
     * Sets what is to be set: policies' texts, each with one free setting, {@code teacache:threshold=*}. A text without the star
     * means the setting that is usually chosen. The best of several is taken. By default {@link #usual}.
     */
    public Calibration<T> policies(List<String> texts) {
        policies = List.copyOf(texts);
        return this;
    }

    /** Sets how many prompts are tuned on, and how many are checked on: one or more each. */
    public Calibration<T> prompts(int tunedOn, int checkedOn) {
        if (tunedOn < 1 || checkedOn < 1) {
            throw new IllegalArgumentException(
                    "A calibration tunes on one or more prompts and checks on one or more, but got " + tunedOn + " and "
                            + checkedOn);
        }
        tuning = tunedOn;
        checking = checkedOn;
        return this;
    }

    /**
     * Asks to be surer: a wish for a quality is checked on more prompts, until the mean of many others lies within so many decibels with
     * 95 % confidence. Prompts differ by several decibels, so within 1 dB takes 50 to 200 of them, and as many uncached generations.
     *
     * @param decibels half the width of the interval
     * @param mostPrompts how many prompts the winner is checked on at most
     */
    public Calibration<T> within(double decibels, int mostPrompts) {
        if (!(decibels > 0) || mostPrompts < 1) {
            throw new IllegalArgumentException(
                    "A quality can be asked for within some decibels above 0, on one prompt or more," + " but got "
                            + decibels + " and " + mostPrompts);
        }
        within = decibels;
        most = mostPrompts;
        return this;
    }

    /** Sets how operations are counted; computed steps over steps by default, as if reuse were free. */
    public Calibration<T> cost(Cost counted) {
        cost = counted;
        return this;
    }

    /** Sets where to keep what is done. Only a calibration of the same model, steps, prompts and sampler may find it there. */
    public Calibration<T> keep(Keep place) {
        keep = place;
        return this;
    }

    /** Sets what else a setting depends on, by name: sampler, guidance, dtype. It goes into the scope of the result. */
    public Calibration<T> facts(Map<String, String> known) {
        facts = Map.copyOf(known);
        return this;
    }

    /** Sets who hears how far it is. */
    public Calibration<T> progress(Consumer<Progress> heard) {
        listener = heard;
        return this;
    }

    /**
     * Returns the policies that are calibrated unless others are named, with their free settings: AdaCache+ by the number of computed
     * steps, which no clip exceeds. Its bound on the error, {@code adacache-plus:quality=*}, spends more on clips that change more; on three
     * models that was never better by more than chance (docs/calibrate.md, of queues), and two prompts do not tell which of both is.
     */
    public static List<String> usual() {
        return List.of("adacache-plus:calls=" + Knob.FREE);
    }

    /**
     * Returns the text with the setting marked that is usually chosen, where none is marked.
     *
     * @throws IllegalArgumentException if there is no such policy, or it has no such setting
     */
    static String marked(String text) {
        if (text.contains(Knob.FREE)) {
            return text;
        }
        PolicyProvider provider = Policies.provider(text.split(":", 2)[0]);
        List<String> names = provider.settings().stream().map(Setting::name).toList();
        String free = FREE_BY_CUSTOM.stream()
                .filter(names::contains)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("Policy '" + text
                        + "' has no setting to be calibrated; mark one: name:setting=" + Knob.FREE + ". Its settings: "
                        + names));
        return text + (text.contains(":") ? "," : ":") + free + "=" + Knob.FREE;
    }

    CachePolicy policy(String text) {
        return model.recommended(text, steps).orElseGet(() -> Policies.parse(text));
    }

    void check(String text) {
        CachePolicy policy = policy(text);
        policy.check(model.layout(), generation, model.remedyForSites());
        policy.begin(model.layout(), generation);
    }

    /**
     * Calibrates.
     *
     * @throws IllegalArgumentException if a policy does not work with this model, or has no free setting
     */
    public Result find(Target target) {
        List<String> texts = policies.isEmpty() ? usual() : policies;
        List<Knob> knobs = new ArrayList<>();
        for (String text : texts) {
            String marked = marked(text);
            knobs.add(Knob.of(marked, steps, this::check));
        }
        return new CalibrationSearch<>(this, target, knobs).find();
    }

    private static final class Nowhere implements Keep {
        @Override
        public Optional<byte[]> find(String name) {
            return Optional.empty();
        }

        @Override
        public void keep(String name, byte[] content) {}
    }
}
