package io.adacache.bench.pipeline;

import io.adacache.bench.sampler.LatentShape;
import io.adacache.djl.Manifest;
import io.adacache.event.Trace;
import io.adacache.event.Trace.PartRecord;
import io.adacache.event.Trace.StepRecord;
import io.adacache.layout.Site;
import io.adacache.layout.Span;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Generation;
import io.adacache.policy.PolicyRun;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Counts the floating point operations of a generation from what its manifest says of one site of each kind (a multiply-add counts
 * 2). What a policy measures and adds is not counted. Immutable.
 */
public final class FlopCount {
    private final Manifest manifest;
    private final FlopTerms terms;
    private final Map<String, Long> sizes;
    private final List<String> branches;

    FlopCount(Manifest manifest, LatentShape latent, int text, GuidanceMode guidance, List<String> branches) {
        this.manifest = manifest;
        this.terms = new FlopTerms(manifest);
        this.branches = List.copyOf(branches);
        long batch = (long) latent.batch() * (guidance == GuidanceMode.BATCHED ? 2 : 1);
        sizes = new HashMap<>();
        sizes.put("batch", batch);
        sizes.put("frames", (long) latent.frames());
        sizes.put("height", (long) latent.height());
        sizes.put("width", (long) latent.width());
        sizes.put("text", (long) text);
    }

    /** Returns the operations of one call that computes everything; empty where the manifest does not say. */
    public OptionalDouble ofCall() {
        if (terms.isEmpty()) {
            return OptionalDouble.empty();
        }
        double sum = part("embed") + part("head");
        for (Site site : manifest.layout().sites()) {
            sum += part(site.kind().id());
        }
        return OptionalDouble.of(sum);
    }

    /** Returns the operations of an uncached generation of so many calls per branch; empty where the manifest does not say. */
    public OptionalDouble ofGeneration(int calls) {
        OptionalDouble call = ofCall();
        return call.isEmpty() ? call : OptionalDouble.of(call.getAsDouble() * calls * branches.size());
    }

    /**
     * Returns the operations of a generation over those of the uncached one; where the manifest does not say, computed steps over
     * steps.
     */
    public double share(CachePolicy policy, Trace trace) {
        OptionalDouble cached = of(policy, trace.steps());
        OptionalDouble uncached = ofGeneration(trace.announcedSteps());
        return cached.isPresent() && uncached.isPresent()
                ? cached.getAsDouble() / uncached.getAsDouble()
                : trace.work() / trace.announcedSteps();
    }

    private double part(String name) {
        return terms.of(name, sizes);
    }

    /**
     * Returns the operations of a generation; empty where the manifest does not say.
     *
     * @param policy says which branches are called
     * @param steps what was done
     */
    public OptionalDouble of(CachePolicy policy, List<StepRecord> steps) {
        OptionalDouble call = ofCall();
        if (call.isEmpty()) {
            return call;
        }
        PolicyRun run = policy.begin(
                manifest.layout(), new Generation(steps.size(), branches, Collections.nCopies(steps.size(), 0.0)));
        double sum = 0;
        for (StepRecord step : steps) {
            long called = branches.stream()
                    .filter(branch -> run.needs(branch, step.step()))
                    .count();
            sum += called * of(step, call.getAsDouble());
        }
        return OptionalDouble.of(sum);
    }

    private double of(StepRecord step, double call) {
        double sum = part("embed") + part("head");
        for (PartRecord record : step.parts()) {
            if (!(record.part() instanceof Span span)) {
                return record.computed() ? call : 0;
            }
            if (record.computed()) {
                for (int site = span.first(); site < span.last(); site++) {
                    sum += part(manifest.layout().sites().get(site).kind().id());
                }
            }
        }
        return sum;
    }
}
