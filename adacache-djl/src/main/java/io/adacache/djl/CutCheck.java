package io.adacache.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import io.adacache.layout.Span;
import io.adacache.metric.Metric;
import io.adacache.spi.Embedded;
import java.util.ArrayList;
import java.util.List;

/** Compares the methods of a model with its own forward, once, on one set of inputs. Frees what it makes. */
final class CutCheck implements AutoCloseable {
    private static final double CLOSE = 1e-4;
    /** Half precision rounds differently where a graph is fused differently. */
    private static final double CLOSE_IN_HALF = 5e-2;

    private static final int[] NOTHING = {};

    private final TorchScriptTransformer model;
    private final List<NDArray> inputs;
    private final List<NDArray> made = new ArrayList<>();

    CutCheck(TorchScriptTransformer model, List<NDArray> inputs) {
        this.model = model;
        this.inputs = inputs;
    }

    /** Throws {@link ModelFileException} if the cut model computes something else than forward. */
    void run() {
        NDArray plain = adopt(model.forward(inputs));
        try (Embedded<NDArray> embedded = model.embed(inputs)) {
            NDArray hidden = adopt(embedded.hidden());
            NDArray before = adopt(model.ops().copy(hidden));
            int sites = model.layout().sites().size();
            NDArray whole = through(0, sites, hidden, embedded);
            NDArray halves = through(sites / 2, sites, through(0, sites / 2, hidden, embedded), embedded);
            double close = hidden.getDataType() == DataType.FLOAT32 ? CLOSE : CLOSE_IN_HALF;
            compare("'run' in one piece and in two", whole, halves, close);
            compare("'forward' and 'embed', 'run' and 'head'", adopt(model.head(whole, embedded)), plain, close);
            compare("the hidden state before and after 'run', which must not work in place on it, ", hidden, before, 0);
        }
    }

    private NDArray through(int first, int last, NDArray hidden, Embedded<NDArray> context) {
        return first == last
                ? hidden
                : adopt(model.run(new Span(first, last), NOTHING, hidden, context)
                        .get(0));
    }

    private NDArray adopt(NDArray array) {
        made.add(array);
        return array;
    }

    private void compare(String what, NDArray a, NDArray b, double close) {
        double[] sums = model.ops().distance(Metric.L1, a, b).total();
        // Written so that what is not a number differs.
        if (!(sums[0] <= close * sums[1])) {
            throw new ModelFileException(model.name() + ": " + what + " differ, by " + (100 * sums[0] / sums[1])
                    + " %. The file does not keep the contract of docs/model-file.md; export it again");
        }
    }

    @Override
    public void close() {
        made.forEach(model.ops()::release);
    }
}
