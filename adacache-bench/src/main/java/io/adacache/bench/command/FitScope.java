package io.adacache.bench.command;

import io.adacache.bench.pipeline.Pipeline;
import io.adacache.djl.TorchScriptTransformer;
import io.adacache.policy.Generation.Scope;
import java.util.LinkedHashMap;
import java.util.Map;

/** Where a fit was made, and so where it holds. */
final class FitScope {
    private FitScope() {}

    /** Returns what only this program knows of it, by name. */
    static Map<String, String> facts(TorchScriptTransformer model, Pipeline pipeline) {
        Map<String, String> facts = new LinkedHashMap<>(pipeline.facts());
        facts.put("dtype", model.manifest().dtype());
        return facts;
    }

    /** Returns a scope as it stands in files. */
    static Map<String, Object> json(Scope scope) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("steps", scope.steps());
        json.put("timesteps", scope.timesteps());
        json.put("branches", scope.branches());
        json.put("size", scope.size());
        json.put("facts", scope.facts());
        return json;
    }
}
