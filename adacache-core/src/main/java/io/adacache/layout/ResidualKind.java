package io.adacache.layout;

import java.util.Arrays;
import java.util.stream.Collectors;

/** What kind of sub-layer a residual comes from. */
public enum ResidualKind {
    /** Attention among the tokens of one frame. */
    SPATIAL_ATTENTION("spatial-attention"),
    /** Attention among the same token of all frames. */
    TEMPORAL_ATTENTION("temporal-attention"),
    /** Attention among all tokens at once. */
    JOINT_ATTENTION("joint-attention"),
    /** Attention from video tokens to text tokens. */
    CROSS_ATTENTION("cross-attention"),
    /** The feed-forward network. */
    MLP("mlp"),
    /** A position embedding that is added between blocks; the same in every step. */
    POSITION("position");

    private final String id;

    ResidualKind(String id) {
        this.id = id;
    }

    /** Returns the name that manifests, settings and reports use, for example {@code temporal-attention}. */
    public String id() {
        return id;
    }

    /** Whether a transformer block begins with this kind: spatial, temporal or joint attention. */
    public boolean isSelfAttention() {
        return this == SPATIAL_ATTENTION || this == TEMPORAL_ATTENTION || this == JOINT_ATTENTION;
    }

    /**
     * Returns the kind with the given {@linkplain #id() id}.
     *
     * @throws IllegalArgumentException if there is none; the message lists the known ids
     */
    public static ResidualKind of(String id) {
        for (ResidualKind kind : values()) {
            if (kind.id.equals(id)) {
                return kind;
            }
        }
        throw new IllegalArgumentException("Unknown residual kind '" + id + "'; known kinds: "
                + Arrays.stream(values()).map(ResidualKind::id).collect(Collectors.joining(", ")));
    }
}
