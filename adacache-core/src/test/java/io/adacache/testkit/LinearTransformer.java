package io.adacache.testkit;

import io.adacache.layout.Layout;
import io.adacache.layout.ResidualKind;
import io.adacache.layout.Span;
import io.adacache.layout.TokenGrid;
import io.adacache.spi.Transformer;
import io.adacache.spi.Transformer.Embedded;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * A tiny transformer whose residuals are known in closed form: site i adds {@code s a_i h + b_i(token, channel)}, where s is the
 * timestep of the row over 1000 (a position site adds {@code b_i} alone). Stateless but for its count of live tensors.
 *
 * <p>Inputs: latent {@code [rows, channels, frames, height, width]} and timestep {@code [rows]}. The hidden state has one token per
 * pixel, after {@code prefix} tokens of ones. The prediction has {@code predictedChannels} channels: the hidden state's, then zeros.
 */
public final class LinearTransformer implements Transformer<FloatTensor> {
    private static final double NUM_TIMESTEPS = 1000;

    private final Layout layout;
    private final ArrayTensorOps ops = new ArrayTensorOps();
    private final int channels;
    private final int predictedChannels;
    private final int prefix;

    private LinearTransformer(Layout layout, int channels, int predictedChannels, int prefix) {
        this.layout = layout;
        this.channels = channels;
        this.predictedChannels = predictedChannels;
        this.prefix = prefix;
    }

    /** Returns a model of the layout with 2 channels and no prefix. */
    public static LinearTransformer of(Layout layout) {
        return new LinearTransformer(layout, 2, 2, 0);
    }

    /** Returns a model of the layout. */
    public static LinearTransformer of(Layout layout, int channels, int predictedChannels, int prefix) {
        return new LinearTransformer(layout, channels, predictedChannels, prefix);
    }

    /** The factor of the hidden state in the residual of a site. */
    public double slope(int site) {
        return layout.sites().get(site).kind() == ResidualKind.POSITION ? 0 : 0.3 * Math.sin(site + 1.0);
    }

    /** The constant part of the residual of a site. */
    public double offset(int site, int token, int channel) {
        return 0.05 * Math.cos(1.7 * site + 0.9 * token + 0.4 * channel);
    }

    /** Returns inputs of the given size with numbers from a seed. */
    public List<FloatTensor> inputs(long seed, int rows, int frames, int height, int width) {
        Random random = new Random(seed);
        float[] latent = new float[rows * channels * frames * height * width];
        for (int i = 0; i < latent.length; i++) {
            latent[i] = (float) random.nextGaussian();
        }
        float[] timestep = new float[rows];
        Arrays.fill(timestep, 50 + random.nextInt(950));
        return List.of(ops.tensor(latent, rows, channels, frames, height, width), ops.tensor(timestep, rows));
    }

    @Override
    public String name() {
        return "linear transformer";
    }

    @Override
    public Layout layout() {
        return layout;
    }

    @Override
    public ArrayTensorOps ops() {
        return ops;
    }

    @Override
    public TokenGrid check(List<FloatTensor> inputs) {
        if (inputs.size() != 2) {
            throw new IllegalArgumentException("Expected latent and timestep, got " + inputs);
        }
        FloatTensor latent = inputs.get(0);
        if (latent.shape().length != 5 || latent.size(1) != channels) {
            throw new IllegalArgumentException(
                    "Expected a latent [rows, " + channels + ", frames, height, width], got " + latent);
        }
        return layout.isOpaque() ? TokenGrid.UNKNOWN : grid(latent);
    }

    private TokenGrid grid(FloatTensor latent) {
        return new TokenGrid(latent.size(0), prefix, latent.size(2), latent.size(3) * latent.size(4), channels);
    }

    @Override
    public FloatTensor latent(List<FloatTensor> inputs) {
        return inputs.get(0);
    }

    @Override
    public FloatTensor forward(List<FloatTensor> inputs) {
        Layout all = layout.isOpaque() ? Layouts.joint(2) : layout;
        LinearTransformer whole = new LinearTransformer(all, channels, predictedChannels, prefix);
        Context context = new Context(inputs, grid(inputs.get(0)));
        float[] hidden = whole.hidden(context);
        for (int site = 0; site < all.sites().size(); site++) {
            hidden = plus(hidden, whole.residual(site, hidden, context));
        }
        return ops.tensor(whole.prediction(hidden, context), predictedShape(context));
    }

    @Override
    public Embedded<FloatTensor> embed(List<FloatTensor> inputs) {
        Context context = new Context(inputs, grid(inputs.get(0)));
        context.hidden = hiddenTensor(hidden(context), context);
        context.live = ops.tensor(context.scale, context.grid.rows());
        return context;
    }

    @Override
    public List<FloatTensor> run(Span sites, int[] capture, FloatTensor hidden, Embedded<FloatTensor> embedded) {
        Context context = ((Context) embedded).check();
        FloatTensor[] captured = new FloatTensor[capture.length];
        float[] state = hidden.data();
        for (int site = sites.first(); site < sites.last(); site++) {
            float[] residual = residual(site, state, context);
            for (int i = 0; i < capture.length; i++) {
                if (capture[i] == site) {
                    captured[i] = hiddenTensor(residual, context);
                }
            }
            state = plus(state, residual);
        }
        List<FloatTensor> result = new ArrayList<>();
        result.add(hiddenTensor(state, context));
        result.addAll(List.of(captured));
        return result;
    }

    @Override
    public FloatTensor modulated(int site, FloatTensor hidden, Embedded<FloatTensor> embedded) {
        Context context = ((Context) embedded).check();
        float[] result = hidden.data().clone();
        for (int i = 0; i < result.length; i++) {
            result[i] *= 1 + context.scaleAt(i) * (site + 1);
        }
        return hiddenTensor(result, context);
    }

    @Override
    public FloatTensor head(FloatTensor hidden, Embedded<FloatTensor> embedded) {
        Context context = ((Context) embedded).check();
        return ops.tensor(prediction(hidden.data(), context), predictedShape(context));
    }

    private float[] hidden(Context context) {
        TokenGrid grid = context.grid;
        int pixels = grid.frames() * grid.tokensPerFrame();
        float[] hidden = new float[(int) grid.elements()];
        Arrays.fill(hidden, 1);
        for (int row = 0; row < grid.rows(); row++) {
            for (int c = 0; c < channels; c++) {
                for (int p = 0; p < pixels; p++) {
                    hidden[(row * grid.tokens() + prefix + p) * channels + c] =
                            context.latent[(row * channels + c) * pixels + p];
                }
            }
        }
        return hidden;
    }

    private float[] residual(int site, float[] hidden, Context context) {
        float[] residual = new float[hidden.length];
        for (int i = 0; i < residual.length; i++) {
            int token = i / channels % context.grid.tokens();
            residual[i] = (float) (context.scaleAt(i) * slope(site) * hidden[i] + offset(site, token, i % channels));
        }
        return residual;
    }

    private float[] prediction(float[] hidden, Context context) {
        TokenGrid grid = context.grid;
        int pixels = grid.frames() * grid.tokensPerFrame();
        float[] prediction = new float[grid.rows() * predictedChannels * pixels];
        for (int row = 0; row < grid.rows(); row++) {
            for (int c = 0; c < channels; c++) {
                for (int p = 0; p < pixels; p++) {
                    prediction[(row * predictedChannels + c) * pixels + p] =
                            hidden[(row * grid.tokens() + prefix + p) * channels + c];
                }
            }
        }
        return prediction;
    }

    private FloatTensor hiddenTensor(float[] values, Context context) {
        return ops.tensor(values, context.grid.rows(), context.grid.tokens(), channels);
    }

    private long[] predictedShape(Context context) {
        long[] shape = context.latentShape.clone();
        shape[1] = predictedChannels;
        return shape;
    }

    private static float[] plus(float[] a, float[] b) {
        float[] sum = new float[a.length];
        for (int i = 0; i < sum.length; i++) {
            sum[i] = a[i] + b[i];
        }
        return sum;
    }

    private final class Context implements Embedded<FloatTensor> {
        final TokenGrid grid;
        final float[] latent;
        final long[] latentShape;
        final float[] scale;
        FloatTensor hidden;
        FloatTensor live;

        Context(List<FloatTensor> inputs, TokenGrid grid) {
            this.grid = grid;
            this.latent = inputs.get(0).data();
            this.latentShape = inputs.get(0).shape();
            this.scale = inputs.get(1).data().clone();
            for (int i = 0; i < scale.length; i++) {
                scale[i] /= NUM_TIMESTEPS;
            }
        }

        float scaleAt(int element) {
            return scale[element / (grid.tokens() * channels)];
        }

        /** Throws if the context was closed: its one tensor stands for all. */
        Context check() {
            live.data();
            return this;
        }

        @Override
        public FloatTensor hidden() {
            return hidden;
        }

        @Override
        public void close() {
            ops.release(live);
        }
    }
}
