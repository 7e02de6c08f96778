package io.adacache.bench.batch;

import io.adacache.bench.batch.Workbench.Prepared;
import io.adacache.bench.pipeline.Clip;
import io.adacache.bench.pipeline.Denoised;
import io.adacache.bench.pipeline.InterruptedGeneration;
import io.adacache.bench.pipeline.NotFinite;
import io.adacache.bench.report.Json;
import io.adacache.bench.video.Shown;
import io.adacache.bench.video.VideoFormat;
import io.adacache.djl.ModelFileException;
import io.adacache.djl.TorchScriptTransformer;
import io.adacache.djl.npz.NpyArray;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;

/**
 * Makes the clips of a list, one after another. A clip's line of statistics is written last, so that a clip with a line is done: it is
 * skipped when the same list is run again, by whichever process.
 */
public final class Batch {
    private static final String LINE = ".json";
    private static final String LATENT = ".npy";

    private final Workbench bench;
    private final ClipStore store;
    private final Output output;
    private final Consumer<String> lines;

    /**
     * What is written of a clip.
     *
     * @param formats of the video
     * @param latents whether the last latent is written, too
     * @param rate frames per second; 0 for the model's
     * @param zoom pixels per pixel
     */
    public record Output(List<VideoFormat> formats, boolean latents, double rate, int zoom) {
        /** Copies the list. */
        public Output {
            formats = List.copyOf(formats);
        }
    }

    /**
     * What a run came to.
     *
     * @param done clips that were made
     * @param skipped clips that were there
     * @param wrong jobs that will fail again
     * @param failed jobs that are worth another try
     */
    public record Outcome(int done, int skipped, int wrong, int failed) {}

    /**
     * Creates a run.
     *
     * @param usualPolicy of jobs that name none
     * @param lines hears one line of JSON per job, as it ends
     */
    public Batch(
            TorchScriptTransformer model, String usualPolicy, ClipStore store, Output output, Consumer<String> lines) {
        this.bench = new Workbench(model, usualPolicy);
        this.store = store;
        this.output = output;
        this.lines = lines;
    }

    /**
     * Runs the jobs. One that does not go does not stop the others.
     *
     * @throws InterruptedGeneration if the thread is interrupted; what is written is whole
     */
    public Outcome run(List<Job> jobs) {
        int[] counts = new int[4];
        for (Job job : jobs) {
            if (Thread.interrupted()) {
                throw new InterruptedGeneration(
                        "Interrupted before job '" + job.id() + "'; the same command goes on from there");
            }
            ClipLine line = run(job);
            counts[
                    List.of(ClipLine.DONE, ClipLine.SKIPPED, ClipLine.WRONG, ClipLine.FAILED)
                            .indexOf(line.status())]++;
            lines.accept(Json.line(line));
        }
        return new Outcome(counts[0], counts[1], counts[2], counts[3]);
    }

    private ClipLine run(Job job) {
        if (isDone(job)) {
            return ClipLine.of(job.id(), ClipLine.SKIPPED, null);
        }
        try {
            return make(job, bench.prepare(job));
        } catch (InterruptedGeneration e) {
            throw e;
        } catch (IllegalArgumentException | ModelFileException | NotFinite e) {
            return ClipLine.of(job.id(), ClipLine.WRONG, e.getMessage());
        } catch (OutOfMemoryError e) {
            return ClipLine.of(job.id(), ClipLine.FAILED, "out of memory: " + e.getMessage());
        } catch (RuntimeException e) {
            if (Thread.interrupted()) {
                throw new InterruptedGeneration(
                        "Interrupted in job '" + job.id() + "'; the same command goes on from there");
            }
            return ClipLine.of(job.id(), ClipLine.FAILED, String.valueOf(e.getMessage()));
        }
    }

    private boolean isDone(Job job) {
        return store.has(job.id() + LINE)
                && (!output.latents() || store.has(job.id() + LATENT))
                && output.formats().stream().allMatch(format -> store.has(job.id() + "." + format.extension()));
    }

    private ClipLine make(Job job, Prepared prepared) {
        Denoised made = prepared.run();
        List<String> files = new ArrayList<>();
        Clip clip = prepared.decoder().decode(made.latent());
        Shown shown = new Shown(output.rate() == 0 ? prepared.decoder().fps() : output.rate(), output.zoom());
        for (VideoFormat format : output.formats()) {
            files.add(write(job.id() + "." + format.extension(), format.bytes(clip, shown)));
        }
        if (output.latents()) {
            files.add(write(job.id() + LATENT, NpyArray.format(made.latent(), prepared.latentSizes())));
        }
        ClipLine line = ClipLine.done(job, made, digest(made.latent()), files);
        write(job.id() + LINE, (Json.line(line) + "\n").getBytes(StandardCharsets.UTF_8));
        return line;
    }

    private String write(String name, byte[] content) {
        store.write(name, content);
        return name;
    }

    private static String digest(float[] latent) {
        ByteBuffer bytes = ByteBuffer.allocate(latent.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(latent);
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.array()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has SHA-256", e);
        }
    }
}
