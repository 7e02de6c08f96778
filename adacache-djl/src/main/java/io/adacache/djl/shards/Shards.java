package io.adacache.djl.shards;

import ai.djl.ndarray.NDArray;
import io.adacache.layout.Span;
import io.adacache.layout.TokenGrid;
import io.adacache.spi.Transformer.Embedded;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * A model over several members, each with all weights and a part of every hidden state: the methods of the model, for
 * {@link io.adacache.spi.Transformer}. What is divided is the subclass's: frames, or rows of the batch.
 */
public abstract sealed class Shards implements AutoCloseable permits FrameShards, RowShards {
    final List<Member> members;
    final Team team;
    final Traffic traffic = new Traffic();
    final Table table = new Table();
    final Exchange exchange;
    private final ShardedOps ops;

    /** Creates the model. The members' scripts stay the caller's. */
    Shards(String name, List<Member> members) {
        this.members = List.copyOf(members);
        this.team = new Team(name, members.size());
        this.exchange = new Exchange(this.members, team, traffic);
        this.ops = new ShardedOps(this.members, team, exchange, table);
    }

    /** Returns the operations on hidden states and residuals of this model. */
    public ShardedOps ops() {
        return ops;
    }

    /** Returns how many bytes members have handed to one another so far, by kind. */
    public Map<String, Long> moved() {
        return traffic.bytes();
    }

    /** Returns how many bytes of hidden states and residuals each member holds now, the prefix included. */
    public List<Long> held() {
        return IntStream.range(0, members.size())
                .mapToObj(i -> table.all().stream()
                        .filter(parts -> i < parts.pieces().size())
                        .mapToLong(parts -> members.get(i).ops().bytes(parts.piece(i)))
                        .sum())
                .toList();
    }

    /**
     * Embeds a call.
     *
     * @param grid how the whole hidden state lies
     * @param check looks at a hidden state that a member made, given how it should lie
     * @throws IllegalArgumentException if the clip is too small to be divided
     */
    public abstract Embedded<NDArray> embed(List<NDArray> inputs, TokenGrid grid, BiConsumer<TokenGrid, NDArray> check);

    /** Runs the sites of a span; as {@link io.adacache.spi.Transformer#run}. */
    public abstract List<NDArray> run(Span span, int[] capture, NDArray hidden, Embedded<NDArray> context);

    /** Returns the prediction, whole and on the first member's device. */
    public abstract NDArray head(NDArray hidden, Embedded<NDArray> context);

    /** Returns the normalised, modulated input of a site; as {@link io.adacache.spi.Transformer#modulated}. */
    public NDArray modulated(int site, NDArray hidden, Embedded<NDArray> context) {
        Parts parts = table.get(hidden);
        ShardedContext known = (ShardedContext) context;
        List<NDArray> pieces = team.first(
                parts.pieces().size(),
                i -> members.get(i).modulated(site, parts.piece(i), known.of(parts.axis(), i)),
                exchange::free);
        return table.add(new Parts(pieces, parts.axis(), parts.geometry()));
    }

    /** The members' parts of the prediction, put together along an axis at the first. */
    NDArray head(NDArray hidden, Embedded<NDArray> context, int axis) {
        Parts parts = table.get(hidden);
        ShardedContext known = (ShardedContext) context;
        List<NDArray> predictions = team.first(
                parts.pieces().size(),
                i -> members.get(i).head(parts.piece(i), known.of(parts.axis(), i)),
                exchange::free);
        try {
            return exchange.prediction(predictions, axis);
        } finally {
            exchange.freeAll(predictions);
        }
    }

    /**
     * Does something with what is made of each input at a member, and frees that, but where it is the input itself.
     *
     * @param made given the input's index
     */
    static <R> R with(Member member, List<NDArray> inputs, IntFunction<NDArray> made, Function<List<NDArray>, R> work) {
        List<NDArray> here = new ArrayList<>();
        try {
            for (int i = 0; i < inputs.size(); i++) {
                here.add(made.apply(i));
            }
            return work.apply(here);
        } finally {
            IntStream.range(0, here.size())
                    .filter(i -> here.get(i) != inputs.get(i))
                    .forEach(i -> member.free(here.get(i)));
        }
    }

    /** Ends the members' threads. Nothing is freed: what is native is its script's. */
    @Override
    public void close() {
        team.close();
    }
}
