package io.adacache.bench.compare;

import io.adacache.bench.engine.EngineSettings;
import io.adacache.bench.engine.Machine;
import io.adacache.bench.files.Resources;
import io.adacache.bench.report.Fact;
import io.adacache.djl.Manifest;
import java.util.List;
import java.util.Locale;

/** The small print of a comparison: what was measured on what, and what the figures mean. */
public final class ComparisonFacts {
    private ComparisonFacts() {}

    /** Returns model, machine and software. */
    public static List<Fact> of(Manifest manifest) {
        return List.of(
                new Fact(
                        "model",
                        String.format(
                                Locale.ROOT,
                                "%s (%s), %,d parameters, %s, %d sites, predicts %s",
                                manifest.name(),
                                manifest.family(),
                                manifest.parameters(),
                                manifest.dtype(),
                                manifest.layout().sites().size(),
                                manifest.prediction().type())),
                new Fact("machine", Machine.processor()),
                new Fact("software", Machine.software()),
                new Fact("engine threads", EngineSettings.threads()));
    }

    /** Returns what the figures mean. */
    public static List<Fact> definitions() {
        return Resources.lines("/io/adacache/bench/compare/definitions.txt").stream()
                .map(line -> line.split(": ", 2))
                .map(parts -> new Fact(parts[0], parts[1]))
                .toList();
    }
}
