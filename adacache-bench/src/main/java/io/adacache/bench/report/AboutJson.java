package io.adacache.bench.report;

import io.adacache.bench.files.Json;
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
        return Json.text(facts);
    }
}
