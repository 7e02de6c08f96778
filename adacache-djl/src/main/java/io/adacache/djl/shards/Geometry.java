package io.adacache.djl.shards;

import io.adacache.layout.TokenGrid;

/**
 * Who holds what of a call's tokens. Frames and places need not be multiples of the number of members: parts differ by one at most.
 *
 * @param grid how the whole hidden state lies
 * @param members how many hold a part of it
 */
record Geometry(TokenGrid grid, int members) {
    /**
     * Describes a call.
     *
     * @param turns whether there is temporal attention, for which places are divided
     * @throws IllegalArgumentException if a member would have nothing to hold
     */
    static Geometry of(TokenGrid grid, int members, boolean turns) {
        if (grid.frames() < members || (turns && grid.tokensPerFrame() < members)) {
            throw new IllegalArgumentException(
                    "A clip of " + grid.frames() + " latent frames of " + grid.tokensPerFrame()
                            + " tokens cannot be divided among " + members
                            + " devices: each needs a frame and a place of its own. Load the model on fewer devices");
        }
        return new Geometry(grid, members);
    }

    /** Describes a call whose rows are divided. Fewer rows than members are held by as many members. */
    static Geometry ofRows(TokenGrid grid, int members) {
        return new Geometry(grid, Math.min(members, grid.rows()));
    }

    private int size(Axis axis) {
        return switch (axis) {
            case FRAMES -> grid.frames();
            case PLACES -> grid.tokensPerFrame();
            case ROWS -> grid.rows();
        };
    }

    /** First frame, place or row of a member's part. */
    int first(Axis axis, int member) {
        return Math.toIntExact((long) size(axis) * member / members);
    }

    /** The frame, place or row behind a member's part. */
    int last(Axis axis, int member) {
        return first(axis, member + 1);
    }

    /** How many frames a member sees: its own, or all of them. */
    int frames(Axis axis, int member) {
        return axis == Axis.FRAMES ? last(axis, member) - first(axis, member) : grid.frames();
    }

    /** How the tokens that a member holds lie. */
    TokenGrid part(Axis axis, int member) {
        int own = last(axis, member) - first(axis, member);
        int rows = axis == Axis.ROWS ? own : grid.rows();
        int places = axis == Axis.PLACES ? own : grid.tokensPerFrame();
        return new TokenGrid(rows, grid.prefix(), frames(axis, member), places, grid.channels());
    }
}
