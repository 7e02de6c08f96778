package io.adacache.tune;

import io.adacache.event.Trace;
import io.adacache.layout.Layout;
import io.adacache.metric.Metric;
import io.adacache.metric.Probe;
import io.adacache.metric.Sums;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Generation;
import io.adacache.replay.NamedTransformer;
import io.adacache.replay.Numbers;
import io.adacache.replay.PerStep;
import io.adacache.replay.Recorded;
import io.adacache.spi.Transformer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The numbers of one uncached generation: how far each probe was, in each step, from what it was in every earlier step. Any policy
 * can be replayed on it that measures what was recorded. Made by a {@link Recorder Recorder}, or of made-up numbers. Immutable.
 *
 * <p>A replay is the real session on numbers instead of tensors, so it decides as a session does. But the numbers come from an uncached
 * generation: live, reuse changes the latents and with them what is measured, so a live schedule can differ.
 */
public final class Recording {
    private static final int LARGEST = 128 << 20;

    private final Layout layout;
    private final Generation generation;
    private final Numbers numbers;
    private final Map<String, String> about;

    private Recording(Layout layout, Generation generation, Numbers numbers, Map<String, String> about) {
        this.layout = layout;
        this.generation = generation;
        this.numbers = numbers;
        this.about = about;
    }

    /**
     * Makes a recording of one uncached generation: measures how far each probe is from what it was in every earlier step. A service
     * calls {@link #step} where it called the denoiser, once per step and branch.
     *
     * <p>Holds one copy of each probe per step and branch, for as long as it is open: N activation-sized tensors for one residual.
     * Used by one thread; close it when the recording is made.
     *
     * @param <T> the engine's tensor type
     */
    public interface Recorder<T> extends AutoCloseable {
        /** Runs the next call of the denoiser, where there is one branch. Throws as {@link #step(String, List)}. */
        T step(List<T> inputs);

        /**
         * Runs the next call of a branch, uncached.
         *
         * @param inputs what the plain model takes; borrowed
         * @return the prediction; the caller's to free
         * @throws IllegalArgumentException if the branch is unknown or an input does not fit
         * @throws IllegalStateException if all announced steps of the branch have run
         */
        T step(String branch, List<T> inputs);

        /** Returns what was recorded so far. */
        Recording recording();

        /** Frees all probes. */
        @Override
        void close();
    }

    /**
     * Begins a recording of all that the given policies measure on this model, and of the prediction and the whole stack's sum
     * in L1 and L2, from which errors of reuse and the settings of TeaCache and MagCache follow.
     *
     * @throws IllegalArgumentException if a policy does not work with this model
     */
    public static <T> Recorder<T> begin(Transformer<T> transformer, Generation generation, List<CachePolicy> policies) {
        return TensorRecorder.begin(transformer, generation, policies);
    }

    static Recording of(Layout layout, Generation generation, Recorded numbers) {
        return new Recording(layout, generation, numbers, Map.of());
    }

    /**
     * Returns a recording of made-up distances that depend on the step alone, whatever it is compared with. It can be replayed, not
     * saved.
     *
     * @param byProbe relative distances by {@linkplain Probe#id() probe}, one per step; {@code *} stands for all probes that
     *     are not named; {@code motion} holds motion scores; empty for policies that measure nothing
     */
    public static Recording perStep(Layout layout, Generation generation, Map<String, List<Double>> byProbe) {
        return new Recording(layout, generation, new PerStep(byProbe), Map.of());
    }

    /** Returns the model's layout. */
    public Layout layout() {
        return layout;
    }

    /** Returns what was announced of the generation. */
    public Generation generation() {
        return generation;
    }

    /** Returns what was said of it beside the numbers: by name, for people. */
    public Map<String, String> about() {
        return about;
    }

    /** Returns the same recording with other words about it, in this order: model, prompt, seed and whatever else tells it apart. */
    public Recording withAbout(Map<String, String> facts) {
        return new Recording(layout, generation, numbers, Collections.unmodifiableMap(new LinkedHashMap<>(facts)));
    }

    /**
     * Returns what a policy does in this generation.
     *
     * @throws IllegalArgumentException if the policy does not work with the layout or generation, or needs numbers that there
     *     are not
     */
    public Trace replay(CachePolicy policy) {
        return NamedTransformer.replay(policy, layout, generation, numbers);
    }

    /**
     * Returns the sums of a distance, merged over all branches that were called in both steps.
     *
     * @param now the later step, from 1
     * @param then the earlier step
     * @throws IllegalArgumentException if it was not recorded
     */
    public Sums distance(Probe probe, Metric metric, int now, int then) {
        return recorded().merged(probe, metric, generation.branches(), now, then);
    }

    private Recorded recorded() {
        if (numbers instanceof Recorded recorded) {
            return recorded;
        }
        throw new IllegalStateException(
                "These numbers were made up per step; only what was recorded can be saved or fitted");
    }

    /** Returns this recording as JSON, which {@link #load} reads from a file; docs/decisions/0010 says what is in it. */
    public String json() {
        return RecordingFormat.write(this, recorded());
    }

    /**
     * Reads what {@link #json} returned.
     *
     * @param name of where the text comes from, for messages
     * @throws IllegalArgumentException if it is no recording; the message says why
     */
    public static Recording parse(String name, String text) {
        return RecordingFormat.parse(name, text);
    }

    /**
     * Writes {@link #json} to a file.
     *
     * @throws UncheckedIOException if the file cannot be written
     */
    public void save(Path file) {
        try {
            Files.writeString(file, json());
        } catch (IOException e) {
            throw named(file, e);
        }
    }

    /**
     * Reads what {@link #save} wrote, or the command line's {@code record}.
     *
     * @throws IllegalArgumentException if the file is no recording; the message names the file and says why
     * @throws UncheckedIOException if the file cannot be read
     */
    public static Recording load(Path file) {
        if (Files.isDirectory(file)) {
            throw new IllegalArgumentException(file + " is a folder; name a recording in it");
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(LARGEST + 1);
            if (bytes.length > LARGEST) {
                throw new IllegalArgumentException(file + " is no recording: it is longer than " + LARGEST + " bytes");
            }
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return RecordingFormat.parse(file.toString(), text);
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(file + " is no recording: it is no text in UTF-8", e);
        } catch (IOException e) {
            throw named(file, e);
        }
    }

    /** What the system says of a file need not name it. */
    private static UncheckedIOException named(Path file, IOException e) {
        return new UncheckedIOException(
                e instanceof FileSystemException ? e : new IOException(file + ": " + e.getMessage(), e));
    }
}
