package io.adacache.djl.shards;

import ai.djl.ndarray.NDArray;
import io.adacache.djl.shards.Traffic.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Moves what members must know of one another: the only class in which a tensor crosses from one to another. */
final class Exchange {
    private final List<Member> members;
    private final Team team;
    private final Traffic traffic;

    Exchange(List<Member> members, Team team, Traffic traffic) {
        this.members = members;
        this.team = team;
        this.traffic = traffic;
    }

    /**
     * Returns the same tensor, divided along the other axis. All to all: of what a member holds, every other gets a part.
     * The argument stays as it is.
     */
    Parts turned(Parts parts) {
        Axis from = parts.axis();
        Axis to = from == Axis.FRAMES ? Axis.PLACES : Axis.FRAMES;
        List<List<NDArray>> cuts = team.each(i -> cutForAll(parts, to, i), this::freeAll);
        try {
            List<NDArray> pieces = team.each(
                    j -> joined(
                            j,
                            parts,
                            IntStream.range(0, members.size())
                                    .mapToObj(i -> cuts.get(i).get(j))
                                    .toList(),
                            from == Axis.FRAMES ? frames(parts, Axis.FRAMES) : repeated(parts, j),
                            from,
                            Kind.SWITCH),
                    this::free);
            return new Parts(pieces, to, parts.geometry());
        } finally {
            cuts.forEach(this::freeAll);
        }
    }

    private List<NDArray> cutForAll(Parts parts, Axis to, int from) {
        Geometry geometry = parts.geometry();
        List<NDArray> cuts = new ArrayList<>();
        try {
            for (int j = 0; j < members.size(); j++) {
                int first = geometry.first(to, j);
                int last = geometry.last(to, j);
                cuts.add(members.get(from).helpers().tensor("cut", call -> call.add(parts.piece(from))
                        .add(geometry.grid().prefix())
                        .add(geometry.frames(parts.axis(), from))
                        .add(to.ordinal())
                        .add(first)
                        .add(last)));
            }
            return cuts;
        } catch (RuntimeException | Error e) {
            freeAll(cuts);
            throw e;
        }
    }

    /**
     * Puts what came from all members together at one of them.
     *
     * @param like whose prefix comes first
     * @param frames how many frames each piece has
     * @param along whether the pieces are frames after frames, or places beside places
     */
    private NDArray joined(int at, Parts like, List<NDArray> pieces, long[] frames, Axis along, Kind kind) {
        Member member = members.get(at);
        List<NDArray> here = brought(at, pieces, kind);
        try {
            return member.helpers()
                    .tensor("join", call -> call.add(like.geometry().grid().prefix())
                            .add(like.piece(at))
                            .list(here)
                            .list(frames)
                            .add(along.ordinal()));
        } finally {
            freeCopies(pieces, here);
        }
    }

    /** How many frames each member's piece has, if it is divided along an axis. */
    private long[] frames(Parts parts, Axis axis) {
        return IntStream.range(0, members.size())
                .mapToLong(i -> parts.geometry().frames(axis, i))
                .toArray();
    }

    /** The frames of one member, of which every other has some places. */
    private long[] repeated(Parts parts, int member) {
        long[] frames = new long[members.size()];
        Arrays.fill(frames, parts.geometry().frames(Axis.FRAMES, member));
        return frames;
    }

    private List<NDArray> brought(int at, List<NDArray> pieces, Kind kind) {
        List<NDArray> here = new ArrayList<>();
        try {
            for (int i = 0; i < pieces.size(); i++) {
                here.add(members.get(at).bring(pieces.get(i)));
                if (i != at) {
                    traffic.add(kind, members.get(i).ops().bytes(pieces.get(i)));
                }
            }
            return here;
        } catch (RuntimeException | Error e) {
            freeCopies(pieces, here);
            throw e;
        }
    }

    private void freeCopies(List<NDArray> originals, List<NDArray> here) {
        for (int i = 0; i < here.size(); i++) {
            if (here.get(i) != originals.get(i)) {
                free(here.get(i));
            }
        }
    }

    /**
     * Gathers at every member what all have to say about their tokens.
     *
     * @param shared of each member, {@code [rows, prefix + its tokens, any]}, divided along an axis
     * @return of all tokens, for each member; those of one device share an array
     */
    List<NDArray> gathered(Parts shared) {
        List<NDArray> videos = withoutPrefix(shared);
        try {
            return team.each(
                    j -> joined(j, shared, videos, frames(shared, shared.axis()), shared.axis(), Kind.KEYS_AND_VALUES),
                    this::free);
        } finally {
            freeAll(videos);
        }
    }

    /** Puts a divided tensor together at the first member: for whoever wants to look at it, no step needs that. */
    NDArray whole(Parts parts) {
        if (parts.axis() == Axis.ROWS) {
            return together(parts.pieces(), 0, Kind.OTHER);
        }
        List<NDArray> videos = withoutPrefix(parts);
        try {
            return joined(0, parts, videos, frames(parts, parts.axis()), parts.axis(), Kind.OTHER);
        } finally {
            freeAll(videos);
        }
    }

    private List<NDArray> withoutPrefix(Parts parts) {
        int prefix = parts.geometry().grid().prefix();
        List<NDArray> videos = new ArrayList<>();
        try {
            for (int i = 0; i < members.size(); i++) {
                videos.add(members.get(i).withoutPrefix(parts.piece(i), prefix));
            }
            return videos;
        } catch (RuntimeException | Error e) {
            freeAll(videos);
            throw e;
        }
    }

    /** Puts the members' parts of a prediction together at the first. */
    NDArray prediction(List<NDArray> parts, int axis) {
        return together(parts, axis, Kind.PREDICTION);
    }

    private NDArray together(List<NDArray> parts, int axis, Kind kind) {
        List<NDArray> here = brought(0, parts, kind);
        try {
            return members.get(0).helpers().tensor("concatenate", call -> call.list(here)
                    .add(axis));
        } finally {
            freeCopies(parts, here);
        }
    }

    void free(NDArray array) {
        members.get(0).free(array);
    }

    void freeAll(List<NDArray> arrays) {
        arrays.forEach(this::free);
    }
}
