package io.adacache.djl.shards;

import ai.djl.ndarray.NDArray;
import io.adacache.djl.engine.Context;
import io.adacache.djl.shards.ShardedContext.Contexts;
import io.adacache.layout.Layout;
import io.adacache.layout.ResidualKind;
import io.adacache.layout.Span;
import io.adacache.layout.TokenGrid;
import io.adacache.spi.Transformer.Embedded;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * A model over several members, each with all weights and a part of every hidden state: the methods of the model, for
 * {@link io.adacache.spi.Transformer}.
 *
 * <p>Between calls a hidden state is divided by frames. Spatial attention needs whole frames, temporal attention the same places of
 * all frames, so the division is switched around temporal attention, as in dynamic sequence parallelism; joint attention gathers keys
 * and values; everything else needs nothing of others. A reused step therefore moves nothing but the parts of the prediction.
 */
public final class Shards implements AutoCloseable {
    private final List<Member> members;
    private final Layout layout;
    private final Team team;
    private final Traffic traffic = new Traffic();
    private final Table table = new Table();
    private final Exchange exchange;
    private final ShardedOps ops;
    private final boolean turns;

    /** Creates the model. The members' scripts stay the caller's. */
    public Shards(String name, List<Member> members, Layout layout) {
        this.members = List.copyOf(members);
        this.layout = layout;
        this.team = new Team(name, members.size());
        this.exchange = new Exchange(this.members, team, traffic);
        this.ops = new ShardedOps(this.members, team, exchange, table);
        this.turns = layout.sites().stream().anyMatch(site -> site.kind() == ResidualKind.TEMPORAL_ATTENTION);
    }

    /** Returns the operations on hidden states and residuals of this model. */
    public ShardedOps ops() {
        return ops;
    }

    /** Returns how many bytes members have handed to one another so far, by kind. */
    public Map<String, Long> moved() {
        return traffic.bytes();
    }

    /**
     * Embeds a call: every member embeds all of it, which costs little, and keeps its part.
     *
     * @param check of the whole hidden state
     * @throws IllegalArgumentException if the clip is too small to be divided
     */
    public Embedded<NDArray> embed(List<NDArray> inputs, TokenGrid grid, Consumer<NDArray> check) {
        Geometry geometry = Geometry.of(grid, members.size(), turns);
        List<Begun> begun = team.each(i -> begin(i, inputs, geometry, check), Begun::free);
        NDArray hidden = table.add(new Parts(begun.stream().map(Begun::piece).toList(), Axis.FRAMES, geometry));
        return new ShardedContext(hidden, begun.stream().map(Begun::contexts).toList());
    }

    private record Begun(Member member, NDArray piece, Contexts contexts) {
        void free() {
            member.free(piece);
            contexts.close();
        }
    }

    private Begun begin(int index, List<NDArray> inputs, Geometry geometry, Consumer<NDArray> check) {
        Member member = members.get(index);
        List<NDArray> here = new ArrayList<>();
        List<Context> parts = new ArrayList<>();
        boolean good = false;
        try {
            inputs.forEach(input -> here.add(member.bring(input)));
            try (Context whole = member.model().context("embed", call -> call.addAll(here), check)) {
                try {
                    parts.add(member.part(Axis.FRAMES, geometry, index, whole));
                    if (turns) {
                        Context places = member.part(Axis.PLACES, geometry, index, whole);
                        parts.add(places);
                        member.free(places.hidden());
                    }
                } finally {
                    member.free(whole.hidden());
                }
            }
            good = true;
            return new Begun(member, parts.get(0).hidden(), new Contexts(parts));
        } finally {
            IntStream.range(0, here.size())
                    .filter(i -> here.get(i) != inputs.get(i))
                    .forEach(i -> member.free(here.get(i)));
            if (!good) {
                parts.forEach(part -> {
                    member.free(part.hidden());
                    part.close();
                });
            }
        }
    }

    /** Runs the sites of a span; as {@link io.adacache.spi.Transformer#run}. */
    public List<NDArray> run(Span span, int[] capture, NDArray hidden, Embedded<NDArray> context) {
        try (Passage passage =
                new Passage(members, team, exchange, layout, (ShardedContext) context, table.get(hidden), capture)) {
            passage.through(span);
            List<NDArray> result = new ArrayList<>();
            result.add(table.add(passage.takeHidden()));
            Arrays.stream(capture).forEach(site -> result.add(table.add(passage.takeResidual(site))));
            return result;
        }
    }

    /** Returns the normalised, modulated input of a site; as {@link io.adacache.spi.Transformer#modulated}. */
    public NDArray modulated(int site, NDArray hidden, Embedded<NDArray> context) {
        Parts parts = table.get(hidden);
        ShardedContext known = (ShardedContext) context;
        List<NDArray> pieces = team.each(
                i -> members.get(i).modulated(site, parts.piece(i), known.of(parts.axis(), i)), exchange::free);
        return table.add(new Parts(pieces, parts.axis(), parts.geometry()));
    }

    /**
     * Returns the prediction, whole and on the first member's device.
     *
     * @param framesAxis the prediction's dimension of frames
     */
    public NDArray head(NDArray hidden, Embedded<NDArray> context, int framesAxis) {
        Parts parts = table.get(hidden);
        ShardedContext known = (ShardedContext) context;
        List<NDArray> predictions =
                team.each(i -> members.get(i).head(parts.piece(i), known.of(Axis.FRAMES, i)), exchange::free);
        try {
            return exchange.prediction(predictions, framesAxis);
        } finally {
            exchange.freeAll(predictions);
        }
    }

    /** Ends the members' threads. Nothing is freed: what is native is its script's. */
    @Override
    public void close() {
        team.close();
    }
}
