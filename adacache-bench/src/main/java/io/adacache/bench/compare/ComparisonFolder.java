package io.adacache.bench.compare;

import io.adacache.bench.files.OutputFile;
import io.adacache.bench.files.OutputFolder;
import io.adacache.bench.pipeline.Clip;
import io.adacache.bench.pipeline.Pictures;
import io.adacache.bench.report.AboutJson;
import io.adacache.bench.report.Case;
import io.adacache.bench.report.Comparison;
import io.adacache.bench.report.FileNames;
import io.adacache.bench.report.HtmlReport;
import io.adacache.bench.report.MarkdownReport;
import io.adacache.bench.report.ResultsCsv;
import io.adacache.bench.report.ResultsJson;
import io.adacache.bench.report.Run;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Writes a comparison into its folder. Clips of an earlier comparison that this one has no clip for are removed: the folder holds one
 * comparison, never parts of two.
 */
public final class ComparisonFolder {
    private static final String CLIPS = "clips";
    private static final String OUR_NAMES = "\\d{2,}-.*(\\.gif|-sheet\\.png)";
    private static final int GIF_ZOOM = 6;
    private static final int OVERVIEW_ZOOM = 3;
    private static final int SHEET_ZOOM = 3;

    private final OutputFolder folder;
    private final Comparison comparison;
    private final Set<String> written = new HashSet<>();

    private ComparisonFolder(OutputFolder folder, Comparison comparison) {
        this.folder = folder;
        this.comparison = comparison;
    }

    /** Writes everything; the report last, so that where it is the rest is too. */
    public static void write(OutputFolder folder, Comparison comparison, Unfinished unfinished) {
        new ComparisonFolder(folder, comparison).write();
        unfinished.done();
    }

    private void write() {
        List<List<Clip>> wall = new ArrayList<>();
        for (int i = 0; i < comparison.cases().size(); i++) {
            wall.add(clips(i));
        }
        folder.remove(CLIPS, name -> name.matches(OUR_NAMES) && !written.contains(name));
        // A row per case, a column per policy in the order given.
        folder.file("overview.gif").write(Pictures.wall(wall, comparison.fps(), OVERVIEW_ZOOM));
        folder.file("results.json").write(ResultsJson.of(comparison));
        folder.file("results.csv").write(ResultsCsv.of(comparison));
        folder.file("results.md").write(MarkdownReport.of(comparison));
        folder.file("about.json").write(AboutJson.of(comparison));
        folder.file("report.html").write(HtmlReport.of(comparison));
    }

    private List<Clip> clips(int index) {
        Case made = comparison.cases().get(index);
        String prompt = String.format(Locale.ROOT, "%02d-%s", index + 1, FileNames.of(made.prompt()));
        List<String> shown = comparison.shown();
        List<Clip> row = new ArrayList<>();
        for (Run run : comparison.ofCase(index)) {
            String policy = run.result().policy();
            if (shown.contains(policy)) {
                clip(prompt + "-" + FileNames.ofPolicy(policy) + ".gif")
                        .write(Pictures.gif(run.clip(), comparison.fps(), GIF_ZOOM));
                row.add(run.clip());
            }
        }
        clip(prompt + "-sheet.png").write(Pictures.sheet(row, SHEET_ZOOM));
        return row;
    }

    private OutputFile clip(String name) {
        written.add(name);
        return folder.file(CLIPS + "/" + name);
    }
}
