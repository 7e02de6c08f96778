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
import java.util.function.BiConsumer;

/**
 * Members that share one video.
 *
 * <p>Between calls a hidden state is divided by frames. Spatial attention needs whole frames, temporal attention the same places of
 * all frames, so the division is switched around temporal attention, as in dynamic sequence parallelism; joint attention gathers keys
 * and values; everything else needs nothing of others. A reused step therefore moves nothing but the parts of the prediction.
 */
public final class FrameShards extends Shards {
    private final Layout layout;
    private final int framesAxis;
    private final boolean turns;

    /**
     * Creates the model.
     *
     * @param framesAxis the prediction's dimension of frames
     */
    public FrameShards(String name, List<Member> members, Layout layout, int framesAxis) {
        super(name, members);
        this.layout = layout;
        this.framesAxis = framesAxis;
        this.turns = layout.sites().stream().anyMatch(site -> site.kind() == ResidualKind.TEMPORAL_ATTENTION);
    }

    /** Every member embeds all of the call, which costs little, and keeps its part. */
    @Override
    public Embedded<NDArray> embed(List<NDArray> inputs, TokenGrid grid, BiConsumer<TokenGrid, NDArray> check) {
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

    private Begun begin(int index, List<NDArray> inputs, Geometry geometry, BiConsumer<TokenGrid, NDArray> check) {
        Member member = members.get(index);
        return with(member, inputs, i -> member.bring(inputs.get(i)), here -> {
            try (Context whole = member.model()
                    .context("embed", call -> call.addAll(here), hidden -> check.accept(geometry.grid(), hidden))) {
                return cut(member, index, geometry, whole);
            }
        });
    }

    private Begun cut(Member member, int index, Geometry geometry, Context whole) {
        List<Context> parts = new ArrayList<>();
        boolean good = false;
        try {
            parts.add(member.part(Axis.FRAMES, geometry, index, whole));
            if (turns) {
                Context places = member.part(Axis.PLACES, geometry, index, whole);
                parts.add(places);
                member.free(places.hidden());
            }
            good = true;
            return new Begun(member, parts.get(0).hidden(), new Contexts(parts));
        } finally {
            member.free(whole.hidden());
            if (!good) {
                parts.forEach(part -> {
                    member.free(part.hidden());
                    part.close();
                });
            }
        }
    }

    @Override
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

    @Override
    public NDArray head(NDArray hidden, Embedded<NDArray> context) {
        return head(hidden, context, framesAxis);
    }
}
