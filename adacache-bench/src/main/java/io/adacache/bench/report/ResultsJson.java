package io.adacache.bench.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;

/** Writes {@code results.json}: an array with one object per policy and prompt. */
public final class ResultsJson {
    private ResultsJson() {}

    /** Returns the file's text. */
    public static String of(Comparison comparison) {
        try {
            return new ObjectMapper()
                            .enable(SerializationFeature.INDENT_OUTPUT)
                            .writeValueAsString(
                                    comparison.runs().stream().map(Run::result).toList())
                    + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("The results cannot be written as JSON: " + e.getOriginalMessage(), e);
        }
    }
}
