package io.adacache.layout;

/**
 * The place of one residual in a model.
 *
 * @param index position in the layout, from 0: the order in which residuals are added
 * @param block index of the block as the checkpoint counts it; a spatial and a temporal block may share it
 * @param kind what the residual comes from
 */
public record Site(int index, int block, ResidualKind kind) {
    @Override
    public String toString() {
        return "site " + index + " (block " + block + ", " + kind.id() + ")";
    }
}
