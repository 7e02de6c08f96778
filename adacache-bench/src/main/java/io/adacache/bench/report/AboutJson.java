package io.adacache.bench.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes {@code about.json}: what was measured on what, by name. */
public final class AboutJson {
    private AboutJson() {}

    /** Returns the file's text. */
    public static String of(Comparison comparison) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("title", comparison.title());
        comparison.facts().forEach(fact -> facts.put(fact.name(), fact.value()));
        try {
            return new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(facts) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("The facts cannot be written as JSON: " + e.getOriginalMessage(), e);
        }
    }
}
