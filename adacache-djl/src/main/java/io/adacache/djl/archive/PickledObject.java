package io.adacache.djl.archive;

import java.util.LinkedHashMap;
import java.util.Map;

/** A module or other object of the archive: its class's qualified name and its attributes, unexecuted. */
public final class PickledObject {
    private final String type;
    private final Map<String, Object> attributes = new LinkedHashMap<>();

    PickledObject(String type) {
        this.type = type;
    }

    /** The qualified class name, such as {@code __torch__.models.STDiT3}. */
    public String type() {
        return type;
    }

    /** Attributes: {@link Tensor}, {@link PickledObject}, list, map, string, number, boolean or absent. */
    public Map<String, Object> attributes() {
        return attributes;
    }
}
