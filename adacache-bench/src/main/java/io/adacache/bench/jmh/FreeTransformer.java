package io.adacache.bench.jmh;

import io.adacache.layout.Layout;
import io.adacache.layout.ResidualKind;
import io.adacache.layout.Site;
import io.adacache.layout.Span;
import io.adacache.layout.TokenGrid;
import io.adacache.metric.Metric;
import io.adacache.metric.Sums;
import io.adacache.spi.TensorOps;
import io.adacache.spi.Transformer;
import io.adacache.spi.Transformer.Embedded;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A transformer of Open-Sora's depth that computes nothing at all: what is left is the session's own cost. Stateless. */
final class FreeTransformer implements Transformer<Object>, TensorOps<Object>, Embedded<Object> {
    private static final int DEPTH = 28;
    private static final Object TENSOR = new Object();
    private static final Sums SUMS = Sums.of(new double[][] {{0.1, 1, 1}, {0.1, 1, 1}});

    private final Layout layout = openSora();

    private static Layout openSora() {
        List<Site> sites = new ArrayList<>();
        for (int block = 0; block < DEPTH; block++) {
            for (ResidualKind attention : List.of(ResidualKind.SPATIAL_ATTENTION, ResidualKind.TEMPORAL_ATTENTION)) {
                for (ResidualKind kind : List.of(attention, ResidualKind.CROSS_ATTENTION, ResidualKind.MLP)) {
                    sites.add(new Site(sites.size(), block, kind));
                }
            }
        }
        return Layout.of(sites);
    }

    @Override
    public String name() {
        return "free";
    }

    @Override
    public Layout layout() {
        return layout;
    }

    @Override
    public TensorOps<Object> ops() {
        return this;
    }

    @Override
    public TokenGrid check(List<Object> inputs) {
        return new TokenGrid(2, 0, 15, 1590, 1152);
    }

    @Override
    public Object latent(List<Object> inputs) {
        return TENSOR;
    }

    @Override
    public Object forward(List<Object> inputs) {
        return TENSOR;
    }

    @Override
    public Embedded<Object> embed(List<Object> inputs) {
        return this;
    }

    @Override
    public Object hidden() {
        return TENSOR;
    }

    @Override
    public void close() {}

    @Override
    public List<Object> run(Span sites, int[] capture, Object hidden, Embedded<Object> context) {
        return Collections.nCopies(1 + capture.length, TENSOR);
    }

    @Override
    public Object modulated(int site, Object hidden, Embedded<Object> context) {
        return TENSOR;
    }

    @Override
    public Object head(Object hidden, Embedded<Object> context) {
        return TENSOR;
    }

    @Override
    public Object subtract(Object a, Object b) {
        return TENSOR;
    }

    @Override
    public Object addWeighted(Object base, double[] weights, List<Object> kept) {
        return TENSOR;
    }

    @Override
    public Object sum(List<Object> parts) {
        return TENSOR;
    }

    @Override
    public Object mix(double[] weights, List<Object> kept) {
        return TENSOR;
    }

    @Override
    public Object addLeading(Object a, int sign, Object b) {
        return TENSOR;
    }

    @Override
    public Object copy(Object t) {
        return TENSOR;
    }

    @Override
    public Sums distance(Metric metric, Object now, Object then) {
        return SUMS;
    }

    @Override
    public Sums motion(Metric metric, Object x, TokenGrid grid, int stride) {
        return SUMS;
    }

    @Override
    public long bytes(Object t) {
        return 1;
    }

    @Override
    public void release(Object t) {}
}
