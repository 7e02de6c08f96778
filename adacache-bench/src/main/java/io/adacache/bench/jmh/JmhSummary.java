package io.adacache.bench.jmh;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.stream.Collectors;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/** Results of JMH as a Markdown table: a line per benchmark and parameters, with the bytes allocated where they were counted. */
public final class JmhSummary {
    private static final String ALLOCATED = "gc.alloc.rate.norm";

    private JmhSummary() {}

    /** Returns the table. */
    public static String of(Collection<RunResult> results) {
        StringBuilder text =
                new StringBuilder("| benchmark | parameters | score | error | unit | bytes per operation |\n"
                        + "|---|---|---|---|---|---|\n");
        results.stream().sorted(Comparator.comparing(JmhSummary::name)).forEach(result -> {
            Result<?> score = result.getPrimaryResult();
            text.append(String.format(
                    Locale.ROOT,
                    "| %s | %s | %.3f | %s | %s | %s |%n",
                    name(result),
                    parameters(result.getParams()),
                    score.getScore(),
                    Double.isNaN(score.getScoreError())
                            ? "-"
                            : String.format(Locale.ROOT, "%.3f", score.getScoreError()),
                    score.getScoreUnit(),
                    allocated(result)));
        });
        return text.toString();
    }

    private static String name(RunResult result) {
        String whole = result.getParams().getBenchmark();
        int method = whole.lastIndexOf('.');
        return whole.substring(whole.lastIndexOf('.', method - 1) + 1);
    }

    private static String parameters(BenchmarkParams params) {
        return params.getParamsKeys().stream()
                .sorted()
                .filter(key -> !params.getParam(key).isEmpty())
                .map(key -> key + "=" + params.getParam(key))
                .collect(Collectors.joining(", "));
    }

    private static String allocated(RunResult result) {
        return result.getSecondaryResults().entrySet().stream()
                .filter(entry -> entry.getKey().endsWith(ALLOCATED))
                .map(entry ->
                        String.format(Locale.ROOT, "%,.0f", entry.getValue().getScore()))
                .findFirst()
                .orElse("-");
    }
}
