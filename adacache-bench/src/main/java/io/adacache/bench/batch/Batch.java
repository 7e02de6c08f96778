package io.adacache.bench.batch;

import io.adacache.bench.batch.Workbench.Prepared;
import io.adacache.bench.files.Json;
import io.adacache.bench.pipeline.Clip;
import io.adacache.bench.pipeline.Denoised;
import io.adacache.bench.pipeline.InterruptedGeneration;
import io.adacache.bench.pipeline.NotFinite;
import io.adacache.bench.video.Shown;
import io.adacache.bench.video.VideoFormat;
import io.adacache.djl.ModelFileException;
import io.adacache.djl.TorchScriptTransformer;
import io.adacache.djl.npz.NpyArray;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Makes the clips of a list, one after another. A clip's line of statistics is written last, so that a clip with a line is done: it is
 * skipped when the same list is run again, by whichever process. The line says by a digest which job it is of: another job under the same
 * id is wrong, not done.
 */
public final class Batch {
    private static final String LINE = ".json";
    private static final String LATENT = ".npy";

    private final TorchScriptTransformer model;
    private final String usualPolicy;
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
    public record Outcome(int done, int skipped, int wrong, int failed) {
        private static final Outcome NONE = new Outcome(0, 0, 0, 0);

        private Outcome and(ClipLine line) {
            return switch (line.status()) {
                case ClipLine.DONE -> new Outcome(done + 1, skipped, wrong, failed);
                case ClipLine.SKIPPED -> new Outcome(done, skipped + 1, wrong, failed);
                case ClipLine.WRONG -> new Outcome(done, skipped, wrong + 1, failed);
                default -> new Outcome(done, skipped, wrong, failed + 1);
            };
        }
    }

    /**
     * Creates a run.
     *
     * @param usualPolicy of jobs that name none
     * @param lines hears one line of JSON per job, as it ends
     */
    public Batch(
            TorchScriptTransformer model, String usualPolicy, ClipStore store, Output output, Consumer<String> lines) {
        this.model = model;
        this.usualPolicy = usualPolicy;
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
        Outcome outcome = Outcome.NONE;
        for (Job job : jobs) {
            if (Thread.interrupted()) {
                throw new InterruptedGeneration(
                        "Interrupted before job '" + job.id() + "'; the same command goes on from there");
            }
            outcome = outcome.and(tell(run(job)));
        }
        return outcome;
    }

    /**
     * Runs jobs that arrive as lines of JSON, each as it arrives, until the stream ends. A line that is no job is wrong and stops no other.
     *
     * @param folder that relative names of files begin from
     * @throws InterruptedGeneration if the thread is interrupted; what is written is whole
     */
    public Outcome follow(InputStream in, Path folder) {
        Lines jobs = new Lines(in);
        Outcome outcome = Outcome.NONE;
        int number = 0;
        for (Optional<String> line = jobs.next(); line.isPresent(); line = jobs.next()) {
            number++;
            if (!line.get().isBlank()) {
                outcome = outcome.and(tell(run(line.get(), "standard input, line " + number, folder)));
            }
        }
        return outcome;
    }

    private ClipLine tell(ClipLine line) {
        lines.accept(Json.line(line));
        return line;
    }

    private ClipLine run(String line, String from, Path folder) {
        Job job;
        try {
            job = JobList.job(line, from, folder);
        } catch (IllegalArgumentException e) {
            return ClipLine.of(null, ClipLine.WRONG, e.getMessage());
        }
        return run(job);
    }

    private ClipLine run(Job job) {
        try {
            String request = Request.of(job, model, job.policy() == null ? usualPolicy : job.policy(), output);
            Optional<ClipLine> before = store.read(job.id() + LINE).flatMap(ClipLine::parse);
            if (before.isPresent() && !request.equals(before.get().request())) {
                throw new IllegalArgumentException("the clip '" + job.id() + "' in " + store
                        + " was made by another job (its prompt, seed, sizes, policy, model, rate or zoom differs):"
                        + " choose another id, or remove its files");
            }
            return before.isPresent() && filesAreThere(job)
                    ? before.get().skipped()
                    : make(job, request, bench.prepare(job));
        } catch (InterruptedGeneration e) {
            throw e;
        } catch (OutOfMemoryError e) {
            return ClipLine.of(job.id(), ClipLine.FAILED, "out of memory: " + e.getMessage());
        } catch (RuntimeException e) {
            if (Thread.interrupted()) { // an interrupt fails whatever is being read or written, too
                throw new InterruptedGeneration(
                        "Interrupted in job '" + job.id() + "'; the same command goes on from there");
            }
            return ClipLine.of(job.id(), isWrong(e) ? ClipLine.WRONG : ClipLine.FAILED, String.valueOf(e.getMessage()));
        }
    }

    /** Whether another try would end in the same way. */
    private static boolean isWrong(RuntimeException e) {
        return e instanceof IllegalArgumentException || e instanceof ModelFileException || e instanceof NotFinite;
    }

    private boolean filesAreThere(Job job) {
        return (!output.latents() || store.has(job.id() + LATENT))
                && output.formats().stream().allMatch(format -> store.has(job.id() + "." + format.extension()));
    }

    private ClipLine make(Job job, String request, Prepared prepared) {
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
        ClipLine line = ClipLine.done(job, request, made, digest(made.latent()), files);
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
        return Request.digest(bytes.array());
    }
}
