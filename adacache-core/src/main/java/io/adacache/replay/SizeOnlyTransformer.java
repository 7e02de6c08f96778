package io.adacache.replay;

import io.adacache.layout.Layout;
import io.adacache.layout.Span;
import io.adacache.layout.TokenGrid;
import io.adacache.metric.Metric;
import io.adacache.metric.Sums;
import io.adacache.spi.TensorOps;
import io.adacache.spi.Transformer;
import io.adacache.spi.Transformer.Embedded;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** A model whose tensors are their number of bytes, and whose measures are all small or all large. */
public final class SizeOnlyTransformer implements Transformer<Long>, TensorOps<Long> {
    /** So many stand behind those of each token that is packed. */
    private static final long NUMBERS_OF_A_SCALE = 3;

    private final Layout layout;
    private final TokenGrid grid;
    private final long activationBytes;
    private final long latentBytes;
    private final long predictionBytes;
    private final boolean changing;

    /**
     * Creates a model.
     *
     * @param changing whether measures are all large
     */
    public SizeOnlyTransformer(
            Layout layout,
            TokenGrid grid,
            long activationBytes,
            long latentBytes,
            long predictionBytes,
            boolean changing) {
        this.layout = layout;
        this.grid = grid;
        this.activationBytes = activationBytes;
        this.latentBytes = latentBytes;
        this.predictionBytes = predictionBytes;
        this.changing = changing;
    }

    @Override
    public String name() {
        return "sizes only";
    }

    @Override
    public Layout layout() {
        return layout;
    }

    @Override
    public TensorOps<Long> ops() {
        return this;
    }

    @Override
    public TokenGrid check(List<Long> inputs) {
        return grid;
    }

    @Override
    public Long latent(List<Long> inputs) {
        return latentBytes;
    }

    @Override
    public Long forward(List<Long> inputs) {
        return predictionBytes;
    }

    @Override
    public Embedded<Long> embed(List<Long> inputs) {
        return new Embedded<>() {
            @Override
            public Long hidden() {
                return activationBytes;
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public List<Long> run(Span sites, int[] capture, Long hidden, Embedded<Long> context) {
        return new ArrayList<>(Collections.nCopies(1 + capture.length, hidden));
    }

    @Override
    public Long modulated(int site, Long hidden, Embedded<Long> context) {
        return hidden;
    }

    @Override
    public Long head(Long hidden, Embedded<Long> context) {
        return predictionBytes;
    }

    @Override
    public Set<Storage> storages() {
        return EnumSet.allOf(Storage.class);
    }

    @Override
    public Long pack(Long t, Storage storage) {
        long numbers = grid.elements() + NUMBERS_OF_A_SCALE * grid.rows() * grid.tokens();
        return numbers * (storage == Storage.BYTE ? Byte.BYTES : Short.BYTES);
    }

    @Override
    public Long subtract(Long a, Long b) {
        return a;
    }

    @Override
    public Long addWeighted(Long base, double[] weights, List<Long> kept) {
        return base;
    }

    @Override
    public Long sum(List<Long> parts) {
        return parts.get(0);
    }

    @Override
    public Long mix(double[] weights, List<Long> kept) {
        return kept.get(0);
    }

    @Override
    public Long addLeading(Long a, int sign, Long b) {
        return a;
    }

    @Override
    public Long copy(Long t) {
        return t;
    }

    @Override
    public Sums distance(Metric metric, Long now, Long then) {
        double far = metric == Metric.COSINE ? -1 : 1e6;
        double near = metric == Metric.COSINE ? 1 : 0;
        return rows(changing ? far : near);
    }

    @Override
    public Sums motion(Metric metric, Long x, TokenGrid grid, int stride) {
        return rows(changing ? 1 : 0);
    }

    private Sums rows(double first) {
        double[][] rows = new double[Math.max(1, grid.rows())][];
        Arrays.fill(rows, new double[] {first, 1, 1});
        return Sums.of(rows);
    }

    @Override
    public long bytes(Long t) {
        return t;
    }

    @Override
    public void release(Long t) {}
}
