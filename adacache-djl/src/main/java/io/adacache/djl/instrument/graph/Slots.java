package io.adacache.djl.instrument.graph;

import java.util.ArrayList;
import java.util.List;

/**
 * What travels in the context: {@code context[0]} is an empty tensor whose shape, behind a leading 0, holds every size that a
 * later slice needs; the rest are tensors that {@code embed} has computed.
 */
public final class Slots {
    /** The size of a value along a dimension. */
    record Size(String value, int dimension) {}

    private final List<String> tensors = new ArrayList<>();
    private final List<Size> sizes = new ArrayList<>();
    private final Tables tables;

    Slots(Tables tables) {
        this.tables = tables;
    }

    /** Stored tensors that travel as well. */
    Tables tables() {
        return tables;
    }

    int tensor(String value) {
        if (!tensors.contains(value)) {
            tensors.add(value);
        }
        return tensors.indexOf(value) + 1;
    }

    int size(String value, int dimension) {
        Size size = new Size(value, dimension);
        if (!sizes.contains(size)) {
            sizes.add(size);
        }
        return sizes.indexOf(size) + 1;
    }

    List<String> tensors() {
        return tensors;
    }

    List<Size> sizes() {
        return sizes;
    }
}
