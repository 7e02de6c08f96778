package io.adacache.bench.compare;

import com.fasterxml.jackson.databind.JsonNode;
import io.adacache.bench.files.Json;
import io.adacache.bench.files.OutputFolder;
import io.adacache.bench.pipeline.Clip;
import io.adacache.bench.report.Result;
import io.adacache.bench.report.Run;
import io.adacache.bench.report.StepLine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Cases of a comparison that are done, kept in its folder until all are: a run that was interrupted goes on where it stopped. Pixels
 * are kept in 8 bits, as they are shown; figures were taken before that.
 */
public final class Unfinished {
    private static final String FOLDER = "unfinished";
    private static final String PLAN = "plan.json";

    private final OutputFolder folder;
    private final String plan;

    private Unfinished(OutputFolder folder, String plan) {
        this.folder = folder;
        this.plan = plan;
    }

    /** A case as it is kept. */
    private record Kept(List<KeptRun> runs) {}

    private record KeptRun(Result result, Pixels clip, List<StepLine> steps, List<String> warnings) {}

    private record Pixels(int frames, int height, int width, byte[] values) {}

    /**
     * Opens what an earlier run has left, or begins.
     *
     * @param plan all that the figures depend on, by name
     * @param command the command line, for people
     * @throws IllegalArgumentException if cases of another comparison lie there
     */
    public static Unfinished open(OutputFolder folder, Map<String, Object> plan, String command) {
        Path file = folder.path().resolve(FOLDER).resolve(PLAN);
        JsonNode now = Json.tree(Map.of("plan", plan, "command", command));
        if (Files.exists(file) && folder.names(FOLDER).size() > 1) {
            JsonNode before = Json.read(file);
            if (!Json.text(before.path("plan")).equals(Json.text(now.path("plan")))) {
                throw new IllegalArgumentException(folder.path() + " holds cases of an unfinished comparison with other"
                        + " settings: '" + before.path("command").asText()
                        + "'. Run that to finish it, name another --out,"
                        + " or remove " + file.getParent());
            }
        }
        return new Unfinished(folder, Json.text(now));
    }

    private static String name(int index) {
        return String.format(Locale.ROOT, "case-%05d.json", index + 1);
    }

    /** Returns how many cases are kept. */
    public int size() {
        return (int) folder.names(FOLDER).stream()
                .filter(name -> name.startsWith("case-"))
                .count();
    }

    /** Returns where they are kept. */
    public Path path() {
        return folder.path().resolve(FOLDER);
    }

    /** Returns the runs of a case, if they are kept. */
    Optional<List<Run>> find(int index) {
        Path file = path().resolve(name(index));
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        return Optional.of(Json.read(file, Kept.class).runs().stream()
                .map(run -> new Run(run.result(), clip(run.clip()), run.steps(), run.warnings()))
                .toList());
    }

    /** Keeps the runs of a case. */
    synchronized void keep(int index, List<Run> runs) {
        List<KeptRun> kept = runs.stream()
                .map(run -> new KeptRun(run.result(), pixels(run.clip()), run.steps(), run.warnings()))
                .toList();
        folder.file(FOLDER + "/" + PLAN).write(plan);
        folder.file(FOLDER + "/" + name(index)).write(Json.text(new Kept(kept)));
    }

    /** Forgets all cases; the comparison is written. */
    void done() {
        folder.remove(FOLDER, name -> name.equals(PLAN) || name.startsWith("case-"));
    }

    private static Pixels pixels(Clip clip) {
        byte[] values = new byte[clip.values().length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (byte) Math.round(clip.values()[i] * 255);
        }
        return new Pixels(clip.frames(), clip.height(), clip.width(), values);
    }

    private static Clip clip(Pixels pixels) {
        float[] values = new float[pixels.values().length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (pixels.values()[i] & 0xFF) / 255f;
        }
        return new Clip(pixels.frames(), pixels.height(), pixels.width(), values);
    }
}
