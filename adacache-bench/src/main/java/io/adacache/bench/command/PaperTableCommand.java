package io.adacache.bench.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.adacache.bench.command.OptionRules.OnlyWith;
import io.adacache.bench.files.Json;
import io.adacache.bench.report.PaperTable;
import io.adacache.bench.report.VBenchScores;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The paper's tables, with ours beside them. */
@Command(
        name = "paper-table",
        mixinStandardHelpOptions = true,
        description = "Prints table 1 or 3 of the AdaCache paper, and ours in the same layout: from a results.json of"
                + " 'compare --policies table1' or 'table3'.")
public final class PaperTableCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "TABLE", description = "1 or 3")
    private int table;

    @Option(
            names = "--results",
            paramLabel = "FILE",
            description =
                    "results.json; what it was measured on is read from about.json beside it (default: the paper's figures"
                            + " alone)")
    private @Nullable Path results;

    @OnlyWith("--results")
    @Option(
            names = "--measured-on",
            paramLabel = "TEXT",
            description = "what ours was measured on (default: from about.json)")
    private @Nullable String measuredOn;

    @Option(
            names = "--vbench",
            paramLabel = "POLICY=FILE",
            description =
                    "a result file of VBench for a policy of the table, 'none' for the uncached model; repeatable, several per policy"
                            + " too")
    private List<String> vbench = new ArrayList<>();

    /** Scores by policy. The file's name is what follows the last equals sign: a policy may have some. */
    private Map<String, VBenchScores> scores() {
        Map<String, List<Path>> files = new LinkedHashMap<>();
        for (String each : vbench) {
            int sign = each.lastIndexOf('=');
            if (sign < 1) {
                throw new IllegalArgumentException("--vbench is POLICY=FILE, but got '" + each + "'");
            }
            files.computeIfAbsent(each.substring(0, sign), policy -> new ArrayList<>())
                    .add(Path.of(each.substring(sign + 1)));
        }
        Map<String, VBenchScores> scores = new LinkedHashMap<>();
        files.forEach((policy, all) -> scores.put(policy, VBenchScores.read(all)));
        return scores;
    }

    @Override
    public Integer call() {
        List<JsonNode> own = new ArrayList<>();
        String where = "nothing was measured, give --results";
        if (results != null) {
            Json.read(results).forEach(own::add);
            Path about = results.resolveSibling("about.json");
            where = Files.isRegularFile(about)
                    ? Json.read(about).path("model").asText("a model that about.json does not name") + "; "
                            + Json.read(about).path("sampling").asText() + "; "
                            + Json.read(about).path("machine").asText()
                    : "a model that is not recorded beside " + results.getFileName() + " (--measured-on names it)";
        }
        PrintWriter console = spec.commandLine().getOut();
        console.print(PaperTable.of(table, own, measuredOn != null ? measuredOn : where, scores()));
        console.flush();
        return 0;
    }
}
