package io.adacache.replay;

import io.adacache.event.Trace;
import io.adacache.layout.Layout;
import io.adacache.layout.Span;
import io.adacache.layout.TokenGrid;
import io.adacache.metric.Metric;
import io.adacache.metric.Probe;
import io.adacache.metric.Sums;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Generation;
import io.adacache.replay.Name.Hidden;
import io.adacache.replay.Name.Measured;
import io.adacache.replay.Name.Unmeasured;
import io.adacache.spi.TensorOps;
import io.adacache.spi.Transformer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A model whose tensors are only names, and whose measures are looked up: the real session replays a policy on it, so a replay decides
 * as a session does.
 */
public final class NamedTransformer implements Transformer<Name>, TensorOps<Name> {
    private static final TokenGrid GRID = new TokenGrid(1, 0, 1, 1, 1);

    private final Layout layout;
    private final Numbers numbers;

    private NamedTransformer(Layout layout, Numbers numbers) {
        this.layout = layout;
        this.numbers = numbers;
    }

    /**
     * Returns what a policy does in a generation.
     *
     * @throws IllegalArgumentException if the policy does not work with the layout or generation, or needs numbers that there
     *     are not
     */
    public static Trace replay(CachePolicy policy, Layout layout, Generation generation, Numbers numbers) {
        return new Trace(
                policy.name(),
                generation.steps(),
                ThoughtThrough.generation(
                        new NamedTransformer(layout, numbers),
                        policy,
                        generation,
                        (branch, step) -> List.of(new Name(Name.measured(new Probe.Latent()), branch, step))));
    }

    @Override
    public String name() {
        return "recording";
    }

    @Override
    public Layout layout() {
        return layout;
    }

    @Override
    public TensorOps<Name> ops() {
        return this;
    }

    @Override
    public TokenGrid check(List<Name> inputs) {
        return GRID;
    }

    @Override
    public Name latent(List<Name> inputs) {
        return inputs.get(0);
    }

    @Override
    public Name forward(List<Name> inputs) {
        return inputs.get(0).as(Name.measured(new Probe.Prediction()));
    }

    @Override
    public Embedded<Name> embed(List<Name> inputs) {
        Name hidden = inputs.get(0).as(new Hidden(0));
        return new Embedded<>() {
            @Override
            public Name hidden() {
                return hidden;
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public List<Name> run(Span sites, int[] capture, Name hidden, Embedded<Name> context) {
        List<Name> all = new ArrayList<>();
        all.add(hidden.as(new Hidden(sites.last())));
        IntStream.of(capture).forEach(site -> all.add(hidden.as(Name.measured(new Probe.Residuals(List.of(site))))));
        return all;
    }

    @Override
    public Name modulated(int site, Name hidden, Embedded<Name> context) {
        return hidden.as(Name.measured(new Probe.Modulated(site)));
    }

    @Override
    public Name head(Name hidden, Embedded<Name> context) {
        return hidden.as(Name.measured(new Probe.Prediction()));
    }

    /** Two hidden states differ by the sum of the span between them. */
    @Override
    public Name subtract(Name a, Name b) {
        Span span = new Span(((Hidden) b.what()).site(), ((Hidden) a.what()).site());
        return a.as(Name.measured(new Probe.SpanSum(span)));
    }

    /** A hidden state and the kept sum of a span make the hidden state behind it. */
    @Override
    public Name addWeighted(Name base, double[] weights, List<Name> kept) {
        return base.as(new Hidden(endOf(((Measured) kept.get(0).what()).probe())));
    }

    private static int endOf(Probe probe) {
        return probe instanceof Probe.SpanSum sum
                ? sum.span().last()
                : ((Probe.Residuals) probe).sites().get(0) + 1;
    }

    @Override
    public Name sum(List<Name> parts) {
        List<Integer> sites = parts.stream()
                .map(part -> ((Probe.Residuals) ((Measured) part.what()).probe()).sites())
                .flatMap(List::stream)
                .toList();
        return parts.get(0).as(Name.measured(new Probe.Residuals(sites)));
    }

    @Override
    public Name mix(double[] weights, List<Name> kept) {
        return kept.get(0).as(new Unmeasured());
    }

    /** A prediction minus its latent is the change; whatever else is added or taken away is never measured. */
    @Override
    public Name addLeading(Name a, int sign, Name b) {
        boolean change = sign < 0 && a.what().equals(Name.measured(new Probe.Prediction()));
        return a.as(change ? Name.measured(new Probe.Change()) : new Unmeasured());
    }

    @Override
    public Name copy(Name t) {
        return t;
    }

    @Override
    public Sums distance(Metric metric, Name now, Name then) {
        return numbers.distance(((Measured) now.what()).probe(), metric, now.branch(), now.step(), then.step());
    }

    @Override
    public Sums motion(Metric metric, Name x, TokenGrid grid, int stride) {
        return numbers.motion(((Measured) x.what()).probe(), metric, stride, x.branch(), x.step());
    }

    @Override
    public long bytes(Name t) {
        return 0;
    }

    @Override
    public void release(Name t) {}
}
