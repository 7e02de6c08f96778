package io.adacache.testkit;

import io.adacache.layout.Layout;
import io.adacache.layout.Span;
import io.adacache.layout.TokenGrid;
import io.adacache.metric.Metric;
import io.adacache.metric.Sums;
import io.adacache.policy.CachePolicy;
import io.adacache.spi.TensorOps;
import io.adacache.spi.Transformer;
import io.adacache.spi.Transformer.Embedded;
import io.adacache.spi.Transformer.Embedder;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Another transformer with a hook that runs before each native call, of the model and of its tensor operations: to count calls, to
 * throw at the k-th, to cancel or to wait in the middle of a step.
 *
 * @param <T> the engine's tensor type
 */
public final class HookedTransformer<T> implements Transformer<T> {
    /** What runs before a call. */
    public interface Hook {
        /** Runs; what it throws is what the call throws. */
        void before(String call);
    }

    private final Transformer<T> model;
    private final Hook hook;
    private final TensorOps<T> ops = new HookedOps();

    /** Wraps a model. */
    public HookedTransformer(Transformer<T> model, Hook hook) {
        this.model = model;
        this.hook = hook;
    }

    @Override
    public String name() {
        return model.name();
    }

    @Override
    public Layout layout() {
        return model.layout();
    }

    @Override
    public TensorOps<T> ops() {
        return ops;
    }

    @Override
    public Optional<CachePolicy> recommended(String text, int steps) {
        return model.recommended(text, steps);
    }

    @Override
    public String remedyForSites() {
        return model.remedyForSites();
    }

    @Override
    public OptionalLong fingerprint(List<T> inputs) {
        return model.fingerprint(inputs);
    }

    @Override
    public TokenGrid check(List<T> inputs) {
        return model.check(inputs);
    }

    @Override
    public T latent(List<T> inputs) {
        return model.latent(inputs);
    }

    @Override
    public T forward(List<T> inputs) {
        hook.before("forward");
        return model.forward(inputs);
    }

    @Override
    public Embedded<T> embed(List<T> inputs) {
        hook.before("embed");
        return model.embed(inputs);
    }

    @Override
    public Embedder<T> embedder() {
        Embedder<T> inner = model.embedder();
        return new Embedder<>() {
            @Override
            public Embedded<T> embed(List<T> inputs) {
                hook.before("embed");
                return inner.embed(inputs);
            }

            @Override
            public void close() {
                inner.close();
            }
        };
    }

    @Override
    public List<T> run(Span sites, int[] capture, T hidden, Embedded<T> context) {
        hook.before("run");
        return model.run(sites, capture, hidden, context);
    }

    @Override
    public T modulated(int site, T hidden, Embedded<T> context) {
        hook.before("modulated");
        return model.modulated(site, hidden, context);
    }

    @Override
    public T head(T hidden, Embedded<T> context) {
        hook.before("head");
        return model.head(hidden, context);
    }

    @Override
    public T handOver(T prediction, List<T> inputs) {
        return model.handOver(prediction, inputs);
    }

    @Override
    public void sessionBegun(OpenSession session) {
        model.sessionBegun(session);
    }

    @Override
    public void sessionClosed(OpenSession session) {
        model.sessionClosed(session);
    }

    private final class HookedOps implements TensorOps<T> {
        @Override
        public T subtract(T a, T b) {
            hook.before("subtract");
            return model.ops().subtract(a, b);
        }

        @Override
        public T addWeighted(T base, double[] weights, List<T> kept) {
            hook.before("addWeighted");
            return model.ops().addWeighted(base, weights, kept);
        }

        @Override
        public Set<Storage> storages() {
            return model.ops().storages();
        }

        @Override
        public T pack(T t, Storage storage) {
            hook.before("pack");
            return model.ops().pack(t, storage);
        }

        @Override
        public T sum(List<T> parts) {
            hook.before("sum");
            return model.ops().sum(parts);
        }

        @Override
        public T mix(double[] weights, List<T> kept) {
            hook.before("mix");
            return model.ops().mix(weights, kept);
        }

        @Override
        public T addLeading(T a, int sign, T b) {
            hook.before("addLeading");
            return model.ops().addLeading(a, sign, b);
        }

        @Override
        public T copy(T t) {
            hook.before("copy");
            return model.ops().copy(t);
        }

        @Override
        public Sums distance(Metric metric, T now, T then) {
            hook.before("distance");
            return model.ops().distance(metric, now, then);
        }

        @Override
        public Sums motion(Metric metric, T x, TokenGrid grid, int stride) {
            hook.before("motion");
            return model.ops().motion(metric, x, grid, stride);
        }

        @Override
        public List<Sums> compare(T now, List<Comparison<T>> comparisons) {
            hook.before("compare");
            return model.ops().compare(now, comparisons);
        }

        @Override
        public long bytes(T t) {
            return model.ops().bytes(t);
        }

        @Override
        public void release(T t) {
            model.ops().release(t);
        }
    }
}
