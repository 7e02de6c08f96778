package io.adacache.bench.devices;

import com.fasterxml.jackson.databind.JsonNode;
import io.adacache.bench.files.Json;
import io.adacache.bench.files.Resources;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;

/** The links that this program knows, with where their figures are from: {@code links.json}. */
public final class Links {
    private static final String FILE = "/io/adacache/bench/devices/links.json";

    private Links() {}

    /**
     * Returns a link.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    public static Link named(String name) {
        JsonNode all = Json.parse(Resources.text(FILE), Path.of(FILE));
        JsonNode link = all.get(name);
        if (link == null) {
            Set<String> names = new TreeSet<>();
            all.fieldNames().forEachRemaining(names::add);
            throw new IllegalArgumentException("Unknown link '" + name + "'; known: " + String.join(", ", names));
        }
        return new Link(
                name, link.get("bytesPerSecond").asDouble(), link.get("latency").asDouble());
    }
}
