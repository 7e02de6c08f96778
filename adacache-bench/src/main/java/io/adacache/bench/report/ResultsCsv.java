package io.adacache.bench.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.adacache.bench.files.Json;
import java.util.ArrayList;
import java.util.List;

/** Writes {@code results.csv}: a line per policy and case with the fields of {@code results.json}. */
public final class ResultsCsv {
    private ResultsCsv() {}

    /** Returns the file's text. */
    public static String of(Comparison comparison) {
        StringBuilder text = new StringBuilder();
        for (Run run : comparison.runs()) {
            JsonNode result = Json.tree(run.result());
            List<String> names = new ArrayList<>();
            List<String> values = new ArrayList<>();
            result.fields().forEachRemaining(field -> {
                // Scores have a column each.
                if (field.getValue().isObject()) {
                    field.getValue().fields().forEachRemaining(score -> {
                        names.add("score_" + quoted(score.getKey()));
                        values.add(score.getValue().asText());
                    });
                } else {
                    names.add(field.getKey());
                    values.add(
                            field.getValue().isNull()
                                    ? ""
                                    : quoted(field.getValue().asText()));
                }
            });
            if (text.length() == 0) {
                text.append(String.join(",", names)).append('\n');
            }
            text.append(String.join(",", values)).append('\n');
        }
        return text.toString();
    }

    private static String quoted(String text) {
        return text.matches("[^,\"\\n]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
    }
}
