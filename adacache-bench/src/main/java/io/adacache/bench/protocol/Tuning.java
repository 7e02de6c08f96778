package io.adacache.bench.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import io.adacache.bench.files.Json;
import io.adacache.bench.files.OutputFolder;
import io.adacache.bench.pipeline.Clip;
import io.adacache.bench.pipeline.Conditioning;
import io.adacache.bench.pipeline.Pipeline;
import io.adacache.bench.pipeline.Workers;
import io.adacache.bench.quality.Quality;
import io.adacache.bench.report.Comparison;
import io.adacache.bench.sampler.Noise;
import io.adacache.policy.CachePolicy;
import io.adacache.tune.Recording;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;

/**
 * The tuning prompts: their uncached generations, recorded, and what policies make of them. Both are kept in the folder as soon as they
 * are there, so that a search that was interrupted goes on where it stopped.
 */
public final class Tuning {
    private static final String FOLDER = "tuning";
    private static final String UNCACHED = Comparison.UNCACHED;
    private static final String TRIED = "tried.json";

    private final Pipeline pipeline;
    private final List<Conditioning> subjects;
    private final long seed;
    private final OutputFolder folder;
    private final Workers workers;
    private final Consumer<String> progress;
    private final List<Clip> uncached = new ArrayList<>();
    private final Map<String, Double> tried = new TreeMap<>();

    /**
     * Begins, or goes on.
     *
     * @param subjects what the clips show
     * @param seed of the first clip; the next ones count on
     * @param workers generate clips side by side
     * @param progress hears what is generated
     */
    public Tuning(
            Pipeline pipeline,
            List<Conditioning> subjects,
            long seed,
            OutputFolder folder,
            Workers workers,
            Consumer<String> progress) {
        this.workers = workers;
        this.pipeline = pipeline;
        this.subjects = List.copyOf(subjects);
        this.seed = seed;
        this.folder = folder;
        this.progress = progress;
        Path kept = folder.path().resolve(FOLDER).resolve(TRIED);
        if (Files.exists(kept)) {
            JsonNode json = Json.read(kept);
            json.fieldNames()
                    .forEachRemaining(
                            policy -> tried.put(policy, json.path(policy).asDouble()));
        }
    }

    /** Returns a recording per subject of all that these policies measure. */
    public List<Recording> recordings(List<CachePolicy> policies) {
        return workers.map(subjects.size(), i -> {
            String name = String.format(Locale.ROOT, "%s/recording-%02d.json", FOLDER, i + 1);
            Path kept = folder.path().resolve(name);
            if (!Files.exists(kept)) {
                progress.accept("recording " + (i + 1) + " of " + subjects.size());
                Recording recording = pipeline.record(subjects.get(i), policies, new Noise(seed + i), call -> {});
                folder.file(name).write(recording.json());
            }
            return Recording.load(kept);
        });
    }

    /** Returns the mean PSNR of a policy's clips against the uncached ones. */
    public double psnr(String policy) {
        return known(policy, () -> mean(pipeline, policy));
    }

    /** Returns the PSNR of a policy's clip of one prompt. */
    public double psnr(int subject, String policy) {
        return known("prompt " + (subject + 1) + ": " + policy, () -> measured(subject, pipeline, policy));
    }

    /** Returns the mean PSNR of clips from the same noise without caching, but with fewer steps of the sampler. */
    public double psnr(Pipeline fewer) {
        return known("sampler of " + fewer.calls() + " calls", () -> mean(fewer, UNCACHED));
    }

    private double mean(Pipeline by, String policy) {
        return workers.map(subjects.size(), i -> measured(i, by, policy)).stream()
                .mapToDouble(Double::doubleValue)
                .average()
                .orElseThrow();
    }

    private double measured(int subject, Pipeline by, String policy) {
        return Quality.of(clip(subject, by, policy), uncached().get(subject)).psnr();
    }

    private double known(String name, DoubleSupplier psnr) {
        synchronized (tried) {
            Double known = tried.get(name);
            if (known != null) {
                return known;
            }
        }
        progress.accept(name);
        double found = psnr.getAsDouble();
        synchronized (tried) {
            tried.put(name, found);
            folder.file(FOLDER + "/" + TRIED).write(Json.text(tried));
        }
        return found;
    }

    /** All but the first who asks wait until they are there. */
    private List<Clip> uncached() {
        synchronized (uncached) {
            if (uncached.isEmpty()) {
                uncached.addAll(workers.map(subjects.size(), i -> clip(i, pipeline, UNCACHED)));
            }
            return uncached;
        }
    }

    private Clip clip(int subject, Pipeline by, String policy) {
        return by.decoder()
                .decode(by.denoise(subjects.get(subject), by.policy(policy), new Noise(seed + subject), call -> {})
                        .latent());
    }
}
