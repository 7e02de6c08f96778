package io.adacache.bench.report;

import io.adacache.bench.files.Json;

/** Writes {@code results.json}: an array with one object per policy and prompt. */
public final class ResultsJson {
    private ResultsJson() {}

    /** Returns the file's text. */
    public static String of(Comparison comparison) {
        return Json.text(comparison.runs().stream().map(Run::result).toList());
    }
}
