package io.adacache.bench.compare;

import io.adacache.bench.files.Json;
import io.adacache.bench.files.OutputFolder;
import io.adacache.bench.pipeline.Clip;
import io.adacache.bench.pipeline.Pictures;
import io.adacache.bench.quality.Steadiness;
import io.adacache.bench.report.FileNames;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Clips as the VBench tool takes them ({@code --mode custom_input}): a folder of videos, and a JSON object that says the prompt of each;
 * beside them the one dimension that needs no network.
 *
 * <p>Source: Huang et al., <em>VBench: Comprehensive Benchmark Suite for Video Generative Models</em> (arXiv 2311.17982), and its
 * {@code vbench/__init__.py}.
 */
public final class VBenchFolder {
    private static final String FOLDER = "vbench";
    private static final String FLICKERING = "temporal_flickering";

    private VBenchFolder() {}

    /**
     * A clip.
     *
     * @param prompt what it shows
     * @param seed of its noise
     * @param made the clip
     */
    public record Entry(String prompt, long seed, Clip made) {}

    /**
     * Writes the clips of a policy; those of an earlier run in the same folder go.
     *
     * @param policy as it was asked for
     */
    public static void write(OutputFolder folder, String policy, List<Entry> entries, double fps) {
        String name = FileNames.ofPolicy(policy);
        String clips = FOLDER + "/" + name;
        Map<String, String> prompts = new LinkedHashMap<>();
        List<Map<String, Object>> each = new ArrayList<>();
        double sum = 0;
        for (int i = 0; i < entries.size(); i++) {
            Entry entry = entries.get(i);
            String file = String.format(Locale.ROOT, "%04d-seed-%d.gif", i + 1, entry.seed());
            folder.file(clips + "/" + file).write(Pictures.gif(entry.made(), fps, 1));
            prompts.put(file, entry.prompt());
            double score = Steadiness.temporalFlickering(entry.made());
            sum += score;
            each.add(Map.of("video_path", name + "/" + file, "video_results", score));
        }
        folder.remove(clips, file -> file.matches("\\d{4,}-seed--?\\d+\\.gif") && !prompts.containsKey(file));
        folder.file(clips + "-prompts.json").write(Json.text(prompts));
        folder.file(clips + "-" + FLICKERING + ".json")
                .write(Json.text(Map.of(FLICKERING, List.of(sum / Math.max(1, entries.size()), each))));
    }
}
