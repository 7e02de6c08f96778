package io.adacache.djl.shards;

import ai.djl.ndarray.NDArray;
import io.adacache.djl.engine.Context;
import io.adacache.djl.shards.ShardedContext.Contexts;
import io.adacache.layout.Span;
import io.adacache.layout.TokenGrid;
import io.adacache.spi.Transformer.Embedded;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;

/**
 * Members that share a batch: each computes whole rows, such as the two branches of guidance, or several clips.
 *
 * <p>No residual needs another row, so nothing is moved but rows of the inputs and of the prediction. Measures are taken per row, so
 * that one decision holds for all, as on one device. A call of fewer rows than members keeps as many members busy.
 */
public final class RowShards extends Shards {
    private final int[] rowAxes;
    private final int predictionAxis;

    /**
     * Creates the model.
     *
     * @param rowAxes of each input the dimension that has a line for each row, or lines that are repeated for all rows; -1 for one that
     *     all rows share
     * @param predictionAxis the prediction's dimension of rows
     */
    public RowShards(String name, List<Member> members, int[] rowAxes, int predictionAxis) {
        super(name, members);
        this.rowAxes = rowAxes.clone();
        this.predictionAxis = predictionAxis;
    }

    @Override
    public Embedded<NDArray> embed(List<NDArray> inputs, TokenGrid grid, BiConsumer<TokenGrid, NDArray> check) {
        Geometry geometry = Geometry.ofRows(grid, members.size());
        List<Context> contexts = team.first(geometry.members(), i -> begin(i, inputs, geometry, check), one -> {
            exchange.free(one.hidden());
            one.close();
        });
        NDArray hidden =
                table.add(new Parts(contexts.stream().map(Context::hidden).toList(), Axis.ROWS, geometry));
        return new ShardedContext(
                hidden, contexts.stream().map(one -> new Contexts(List.of(one))).toList());
    }

    private Context begin(int index, List<NDArray> inputs, Geometry geometry, BiConsumer<TokenGrid, NDArray> check) {
        Member member = members.get(index);
        TokenGrid own = geometry.part(Axis.ROWS, index);
        return with(
                members.get(0),
                inputs,
                i -> rows(inputs.get(i), rowAxes[i], geometry, index),
                rows -> with(member, rows, i -> member.bring(rows.get(i)), here -> member.model()
                        .context("embed", call -> call.addAll(here), hidden -> check.accept(own, hidden))));
    }

    /** What an input has for a member's rows; the input itself if all rows share it, or all are this member's. */
    private NDArray rows(NDArray input, int axis, Geometry geometry, int member) {
        if (axis < 0
                || geometry.members() == 1
                || input.getShape().size() == 0
                || input.getShape().get(axis) == 1) {
            return input;
        }
        int first = geometry.first(Axis.ROWS, member);
        int last = geometry.last(Axis.ROWS, member);
        return members.get(0)
                .helpers()
                .tensor("rows", call -> call.add(input).add(axis).add(first).add(last));
    }

    @Override
    public List<NDArray> run(Span span, int[] capture, NDArray hidden, Embedded<NDArray> context) {
        Parts before = table.get(hidden);
        ShardedContext known = (ShardedContext) context;
        long[] wanted = Arrays.stream(capture).asLongStream().toArray();
        List<List<NDArray>> ran = team.first(
                before.pieces().size(),
                i -> members.get(i).run(span.first(), span.last(), wanted, before.piece(i), known.of(Axis.ROWS, i)),
                exchange::freeAll);
        return IntStream.rangeClosed(0, capture.length)
                .mapToObj(k -> table.add(
                        new Parts(ran.stream().map(one -> one.get(k)).toList(), Axis.ROWS, before.geometry())))
                .toList();
    }

    @Override
    public NDArray head(NDArray hidden, Embedded<NDArray> context) {
        return head(hidden, context, predictionAxis);
    }
}
