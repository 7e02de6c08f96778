package io.adacache.bench.cost;

import io.adacache.Footprint;
import io.adacache.bench.pipeline.FlopTerms;
import io.adacache.djl.Manifest;
import io.adacache.event.Trace.PartRecord;
import io.adacache.event.Trace.StepRecord;
import io.adacache.layout.Part;
import io.adacache.layout.ResidualKind;
import io.adacache.layout.Site;
import io.adacache.layout.Span;
import io.adacache.metric.Measure;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Generation;
import io.adacache.policy.PolicyRun;
import io.adacache.replay.SizeOnlyTransformer;
import io.adacache.replay.ThoughtThrough;
import java.util.List;
import java.util.Map;

/**
 * The work of a model's calls at one size: plain, computed and reused. Operations are the manifest's; what is read and written, and how
 * many operations of the engine there are, is counted from the exporters' blocks and taken for every model. Immutable.
 */
public final class CallWork {
    /**
     * What one site, or embed, or head does, apart from its operations.
     *
     * @param activations how many tensors of the hidden state's size are read or written
     * @param launches operations of the engine
     */
    private record Moves(double activations, double launches) {}

    private static final Map<String, Moves> MOVES = Map.of(
            "embed",
            new Moves(5, 40),
            "head",
            new Moves(9, 14),
            ResidualKind.SPATIAL_ATTENTION.id(),
            new Moves(29, 26),
            ResidualKind.TEMPORAL_ATTENTION.id(),
            new Moves(41, 40),
            ResidualKind.JOINT_ATTENTION.id(),
            new Moves(37, 34),
            ResidualKind.CROSS_ATTENTION.id(),
            new Moves(9, 12),
            ResidualKind.MLP.id(),
            new Moves(29, 14),
            ResidualKind.POSITION.id(),
            new Moves(4, 5));
    /** Two are read and one is written. */
    private static final Moves ADDITION = new Moves(3, 1);
    /** Two are read; in pieces, so that what is made of them stays in the cache. */
    private static final Moves COMPARISON = new Moves(2, 12);

    private final Manifest manifest;
    private final Map<String, Long> named;
    private final FlopTerms flops;
    private final double activation;
    private final boolean keepsText;

    /**
     * Prepares a size.
     *
     * @param named sizes as for {@link Manifest#grid}, and {@code text}
     * @param keepsText whether a session projects the text once, not in every step
     */
    public CallWork(Manifest manifest, Map<String, Long> named, boolean keepsText) {
        this.manifest = manifest;
        this.named = Map.copyOf(named);
        this.flops = new FlopTerms(manifest);
        this.activation = manifest.tensorSizes(named).activationBytes();
        this.keepsText = keepsText;
        if (flops.isEmpty()) {
            throw new IllegalArgumentException(manifest.name()
                    + " does not say how many operations its parts take (files of 'instrument' never do),"
                    + " so that nothing can be predicted");
        }
    }

    /** Whether a manifest says how many operations its parts take; files of {@code instrument} never do. */
    public static boolean isKnown(Manifest manifest) {
        return !new FlopTerms(manifest).isEmpty();
    }

    /** Returns the bytes of one tensor of the hidden state's size. */
    public double activationBytes() {
        return activation;
    }

    /** Returns the work of a plain forward. */
    public Work plain() {
        return part("embed").plus(sites(manifest.layout().stack())).plus(part("head"));
    }

    /**
     * A step of a generation.
     *
     * @param work what it takes
     * @param isComputed whether anything was computed
     */
    public record Step(Work work, boolean isComputed) {}

    /**
     * Returns the steps of a generation under a policy, by running the session itself on tensors that are nothing but their size.
     *
     * @param changing whether the video changes in every step, or never: what a policy that measures decides between
     * @throws IllegalArgumentException if the policy does not work with this model
     */
    public List<Step> generation(CachePolicy policy, int steps, boolean changing) {
        Generation generation = Generation.of(steps);
        Footprint.Sizes sizes = manifest.tensorSizes(named);
        var model = new SizeOnlyTransformer(
                manifest.layout(),
                sizes.grid(),
                sizes.activationBytes(),
                sizes.latentBytes(),
                sizes.predictionBytes(),
                changing);
        double comparisons = comparisons(policy.begin(manifest.layout(), generation));
        return ThoughtThrough.generation(model, policy, generation, (branch, step) -> List.of()).stream()
                .map(record -> new Step(step(record, comparisons), record.isComputed()))
                .toList();
    }

    private static double comparisons(PolicyRun run) {
        double count = 0;
        for (Measure measure : run.measures()) {
            count += measure instanceof Measure.Motion motion ? motion.strides().size() : 1;
        }
        return count;
    }

    private Work step(StepRecord record, double comparisons) {
        if (record.parts().get(0).part() instanceof Part.Call) {
            Work copies = Work.moving(3.0 * manifest.tensorSizes(named).predictionBytes(), 2);
            return record.isComputed() ? plain().plus(copies) : copies;
        }
        Work all = embed().plus(part("head"));
        for (PartRecord part : record.parts()) {
            Span span = (Span) part.part();
            if (part.computed()) {
                all = all.plus(sites(span));
            }
            if (!part.computed() || span.size() > 1) {
                all = all.plus(moves(ADDITION));
            }
        }
        return record.isComputed() ? all.plus(moves(COMPARISON).times(comparisons)) : all;
    }

    private Work sites(Span span) {
        List<Site> sites = manifest.layout().sites();
        double weights = (double) manifest.parameters() * manifest.bytesPerElement();
        Work all = Work.moving(weights * span.size() / sites.size(), 0);
        for (Site site : sites.subList(span.first(), span.last())) {
            all = all.plus(part(site.kind().id()));
        }
        return all;
    }

    private Work embed() {
        Work all = part("embed");
        return keepsText ? all.plus(new Work(-flops.ofText("embed", named), 0, 0, 0)) : all;
    }

    private Work part(String name) {
        double attention = flops.ofAttention(name, named);
        return new Work(flops.of(name, named) - attention, attention, 0, 0)
                .plus(moves(MOVES.getOrDefault(name, ADDITION)));
    }

    private Work moves(Moves moves) {
        return Work.moving(moves.activations() * activation, moves.launches());
    }
}
