package io.adacache.djl.shards;

import ai.djl.ndarray.NDArray;
import io.adacache.layout.Layout;
import io.adacache.layout.ResidualKind;
import io.adacache.layout.Span;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The way of a hidden state through a span: in runs of sites that one division suits, switching between them, and back to frames at
 * the end. Owns what it makes until it is taken.
 */
final class Passage implements AutoCloseable {
    private static final long[] NOTHING = {};

    private final List<Member> members;
    private final Team team;
    private final Exchange exchange;
    private final Layout layout;
    private final ShardedContext context;
    private final Parts before;
    private final int[] capture;
    private final Map<Integer, Parts> residuals = new HashMap<>();
    private Parts at;

    Passage(
            List<Member> members,
            Team team,
            Exchange exchange,
            Layout layout,
            ShardedContext context,
            Parts hidden,
            int[] capture) {
        this.members = members;
        this.team = team;
        this.exchange = exchange;
        this.layout = layout;
        this.context = context;
        this.before = hidden;
        this.at = hidden;
        this.capture = capture;
    }

    /** Goes through all sites of a span. */
    void through(Span span) {
        if (span.size() == 1 && capture.length == 1 && kind(span.first()) == ResidualKind.TEMPORAL_ATTENTION) {
            alone(span.first());
            return;
        }
        int site = span.first();
        do {
            site = kindIs(site, ResidualKind.JOINT_ATTENTION, span) ? joint(site) : together(site, span.last());
        } while (site < span.last());
        turnTo(Axis.FRAMES);
    }

    private ResidualKind kind(int site) {
        return layout.sites().get(site).kind();
    }

    private boolean kindIs(int site, ResidualKind kind, Span span) {
        return site < span.last() && kind(site) == kind;
    }

    private @Nullable Axis needed(int site) {
        return switch (kind(site)) {
            case SPATIAL_ATTENTION -> Axis.FRAMES;
            case TEMPORAL_ATTENTION -> Axis.PLACES;
            default -> null;
        };
    }

    /** One site whose residual will be kept as a sum: it alone goes back to frames, and is added there. */
    private void alone(int site) {
        turnTo(Axis.PLACES);
        compute(site, site + 1, new long[] {site});
        Parts residual = takeResidual(site);
        Parts turned;
        try {
            turned = exchange.turned(residual);
        } finally {
            exchange.freeAll(residual.pieces());
        }
        residuals.put(site, turned);
        Parts from = before.axis() == Axis.FRAMES ? before : exchange.turned(before);
        try {
            moveTo(new Parts(
                    team.each(i -> members.get(i).ops().sum(List.of(from.piece(i), turned.piece(i))), exchange::free),
                    Axis.FRAMES,
                    before.geometry()));
        } finally {
            if (from != before) {
                exchange.freeAll(from.pieces());
            }
        }
    }

    /** Runs neighbouring sites that one division suits; returns the site behind them. */
    private int together(int first, int end) {
        @Nullable Axis axis = null;
        int last = first;
        while (last < end && kind(last) != ResidualKind.JOINT_ATTENTION) {
            Axis needs = needed(last);
            if (axis != null && needs != null && needs != axis) {
                break;
            }
            axis = axis == null ? needs : axis;
            last++;
        }
        turnTo(axis == null ? at.axis() : axis);
        int from = first;
        int to = last;
        compute(
                from,
                to,
                Arrays.stream(capture)
                        .filter(site -> from <= site && site < to)
                        .asLongStream()
                        .toArray());
        return last;
    }

    private void compute(int first, int last, long[] wanted) {
        Parts now = at;
        List<List<NDArray>> ran = team.each(
                i -> members.get(i).run(first, last, wanted, now.piece(i), context.of(now.axis(), i)),
                exchange::freeAll);
        keep(ran, wanted);
    }

    private int joint(int site) {
        Parts now = at;
        long[] wanted = Arrays.stream(capture).anyMatch(one -> one == site) ? new long[] {site} : NOTHING;
        Parts shared = new Parts(
                team.each(i -> members.get(i).share(site, now.piece(i), context.of(now.axis(), i)), exchange::free),
                now.axis(),
                now.geometry());
        try {
            List<NDArray> all = exchange.gathered(shared);
            try {
                List<List<NDArray>> ran = team.each(
                        i -> members.get(i).runShared(site, now.piece(i), all.get(i), context.of(now.axis(), i)),
                        exchange::freeAll);
                if (wanted.length == 0) {
                    ran.forEach(one -> exchange.free(one.get(1)));
                }
                keep(ran, wanted);
            } finally {
                exchange.freeAll(all);
            }
        } finally {
            exchange.freeAll(shared.pieces());
        }
        return site + 1;
    }

    /** Takes over what members returned: each the hidden state, then the residuals that were wanted. */
    private void keep(List<List<NDArray>> ran, long[] wanted) {
        for (int k = 0; k < wanted.length; k++) {
            int place = 1 + k;
            residuals.put(
                    (int) wanted[k],
                    new Parts(ran.stream().map(one -> one.get(place)).toList(), at.axis(), at.geometry()));
        }
        moveTo(new Parts(ran.stream().map(one -> one.get(0)).toList(), at.axis(), at.geometry()));
    }

    private void turnTo(Axis axis) {
        if (at.axis() != axis) {
            moveTo(exchange.turned(at));
        }
    }

    private void moveTo(Parts next) {
        if (at != before) {
            exchange.freeAll(at.pieces());
        }
        at = next;
    }

    /** Hands the hidden state behind the span over. */
    Parts takeHidden() {
        Parts taken = at;
        at = before;
        return taken;
    }

    /** Hands a captured residual over, divided as it was computed: a distance needs no other division. */
    Parts takeResidual(int site) {
        return Objects.requireNonNull(residuals.remove(site), () -> "no residual of site " + site);
    }

    /** Frees what was not taken. */
    @Override
    public void close() {
        moveTo(before);
        residuals.values().forEach(parts -> exchange.freeAll(parts.pieces()));
    }
}
