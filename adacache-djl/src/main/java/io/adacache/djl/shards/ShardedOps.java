package io.adacache.djl.shards;

import ai.djl.ndarray.NDArray;
import io.adacache.layout.TokenGrid;
import io.adacache.metric.Metric;
import io.adacache.metric.Sums;
import io.adacache.spi.TensorOps;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Tensor operations on divided tensors, each member on its own piece: nothing is gathered. Distances are partial sums that are added
 * up; the prefix, which every member holds, counts once. What is not divided (inputs, predictions) is not this class's.
 */
public final class ShardedOps implements TensorOps<NDArray> {
    private final List<Member> members;
    private final Team team;
    private final Exchange exchange;
    private final Table table;

    ShardedOps(List<Member> members, Team team, Exchange exchange, Table table) {
        this.members = members;
        this.team = team;
        this.exchange = exchange;
        this.table = table;
    }

    /** Whether an array stands for a divided tensor. */
    public boolean holds(NDArray array) {
        return table.find(array) != null;
    }

    private NDArray each(Parts first, List<Parts> others, BiFunction<TensorOps<NDArray>, List<NDArray>, NDArray> work) {
        List<Parts> alike = new ArrayList<>();
        List<Parts> turned = new ArrayList<>();
        try {
            for (Parts other : others) {
                boolean same = other.axis() == first.axis();
                Parts like = same ? other : exchange.turned(other);
                if (!same) {
                    turned.add(like);
                }
                alike.add(like);
            }
            List<NDArray> pieces = team.first(
                    first.pieces().size(),
                    i -> {
                        List<NDArray> arguments = new ArrayList<>();
                        arguments.add(first.piece(i));
                        alike.forEach(parts -> arguments.add(parts.piece(i)));
                        return work.apply(members.get(i).ops(), arguments);
                    },
                    exchange::free);
            return table.add(new Parts(pieces, first.axis(), first.geometry()));
        } finally {
            turned.forEach(parts -> exchange.freeAll(parts.pieces()));
        }
    }

    private List<Parts> all(List<NDArray> arrays) {
        return arrays.stream().map(table::get).toList();
    }

    @Override
    public NDArray subtract(NDArray a, NDArray b) {
        return each(table.get(a), all(List.of(b)), (ops, both) -> ops.subtract(both.get(0), both.get(1)));
    }

    @Override
    public NDArray addWeighted(NDArray base, double[] weights, List<NDArray> kept) {
        return each(
                table.get(base),
                all(kept),
                (ops, own) -> ops.addWeighted(own.get(0), weights, own.subList(1, own.size())));
    }

    @Override
    public NDArray sum(List<NDArray> parts) {
        List<Parts> all = all(parts);
        return each(all.get(0), all.subList(1, all.size()), TensorOps::sum);
    }

    @Override
    public NDArray mix(double[] weights, List<NDArray> kept) {
        List<Parts> all = all(kept);
        return each(all.get(0), all.subList(1, all.size()), (ops, own) -> ops.mix(weights, own));
    }

    @Override
    public NDArray addLeading(NDArray a, int sign, NDArray b) {
        return each(table.get(a), all(List.of(b)), (ops, both) -> ops.addLeading(both.get(0), sign, both.get(1)));
    }

    @Override
    public NDArray copy(NDArray t) {
        return each(table.get(t), List.of(), (ops, own) -> ops.copy(own.get(0)));
    }

    @Override
    public Sums distance(Metric metric, NDArray now, NDArray then) {
        Parts a = table.get(now);
        Parts b = table.get(then);
        if (a.axis() == b.axis()) {
            return distance(metric, a, b);
        }
        Parts turned = exchange.turned(b);
        try {
            return distance(metric, a, turned);
        } finally {
            exchange.freeAll(turned.pieces());
        }
    }

    private Sums distance(Metric metric, Parts now, Parts then) {
        return joined(now, team.first(now.pieces().size(), i -> distance(metric, i, now, then), any -> {}));
    }

    /** Distances from tensors that are divided alike are measured at once: each device is read once. Others one by one. */
    @Override
    public List<Sums> compare(NDArray now, List<Comparison<NDArray>> comparisons) {
        Parts parts = table.get(now);
        List<Parts> others = new ArrayList<>();
        List<Metric> metrics = new ArrayList<>();
        for (Comparison<NDArray> one : comparisons) {
            if (one instanceof Comparison.From<NDArray> from
                    && table.get(from.then()).axis() == parts.axis()) {
                others.add(table.get(from.then()));
                metrics.add(from.metric());
            }
        }
        return others.size() == comparisons.size() && others.size() > 1
                ? distances(metrics, parts, others)
                : TensorOps.super.compare(now, comparisons);
    }

    private Sums distance(Metric metric, int member, Parts now, Parts then) {
        return distances(List.of(metric), member, now, List.of(then)).get(0);
    }

    private List<Sums> distances(List<Metric> metrics, Parts now, List<Parts> others) {
        List<List<Sums>> perMember =
                team.first(now.pieces().size(), i -> distances(metrics, i, now, others), any -> {});
        return IntStream.range(0, metrics.size())
                .mapToObj(k ->
                        joined(now, perMember.stream().map(each -> each.get(k)).toList()))
                .toList();
    }

    /** What all members hold is counted at the first alone. */
    private List<Sums> distances(List<Metric> metrics, int member, Parts now, List<Parts> others) {
        Member at = members.get(member);
        int prefix = now.geometry().grid().prefix();
        boolean whole = member == 0 || prefix == 0 || now.axis() == Axis.ROWS;
        List<NDArray> cut = new ArrayList<>();
        try {
            List<Comparison<NDArray>> comparisons = new ArrayList<>();
            NDArray piece = now.piece(member);
            if (!whole) {
                piece = at.withoutPrefix(piece, prefix);
                cut.add(piece);
            }
            for (int k = 0; k < others.size(); k++) {
                NDArray then = others.get(k).piece(member);
                if (!whole) {
                    then = at.withoutPrefix(then, prefix);
                    cut.add(then);
                }
                comparisons.add(new Comparison.From<>(metrics.get(k), then));
            }
            return at.ops().compare(piece, comparisons);
        } finally {
            cut.forEach(at::free);
        }
    }

    /** Frames are compared where all of them are: at the members that hold the same places of each. */
    @Override
    public Sums motion(Metric metric, NDArray x, TokenGrid grid, int stride) {
        Parts parts = table.get(x);
        Parts places = parts.axis() == Axis.FRAMES ? exchange.turned(parts) : parts;
        try {
            return joined(
                    places,
                    team.first(
                            places.pieces().size(),
                            i -> members.get(i)
                                    .ops()
                                    .motion(
                                            metric,
                                            places.piece(i),
                                            places.geometry().part(places.axis(), i),
                                            stride),
                            any -> {}));
        } finally {
            if (places != parts) {
                exchange.freeAll(places.pieces());
            }
        }
    }

    /** Sums of all rows: parts of a row are added, rows of their own stand one below the other. */
    private static Sums joined(Parts of, List<Sums> sums) {
        return of.axis() == Axis.ROWS ? Sums.merge(sums) : added(sums);
    }

    private static Sums added(List<Sums> sums) {
        int rows = sums.get(0).rows();
        double[][] total = new double[rows][Sums.PER_ROW];
        for (Sums one : sums) {
            for (int row = 0; row < rows; row++) {
                double[] numbers = one.row(row).total();
                for (int i = 0; i < numbers.length; i++) {
                    total[row][i] += numbers[i];
                }
            }
        }
        return Sums.of(total);
    }

    /** Returns a divided tensor as one, on the first device; the caller's to free. */
    public NDArray whole(NDArray t) {
        return exchange.whole(table.get(t));
    }

    /** Bytes of all members' pieces together. */
    @Override
    public long bytes(NDArray t) {
        Parts parts = table.get(t);
        return IntStream.range(0, parts.pieces().size())
                .mapToLong(i -> members.get(i).ops().bytes(parts.piece(i)))
                .sum();
    }

    @Override
    public void release(NDArray t) {
        @Nullable Parts parts = table.remove(t);
        if (parts != null) {
            exchange.freeAll(parts.pieces());
        }
    }
}
