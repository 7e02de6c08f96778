package io.adacache.bench.devices;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Set;
import java.util.TreeSet;

/** The links that this program knows, with where their figures are from: {@code links.json}. */
public final class Links {
    private Links() {}

    /**
     * Returns a link.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    public static Link named(String name) {
        JsonNode all = read();
        JsonNode link = all.get(name);
        if (link == null) {
            Set<String> names = new TreeSet<>();
            all.fieldNames().forEachRemaining(names::add);
            throw new IllegalArgumentException("Unknown link '" + name + "'; known: " + String.join(", ", names));
        }
        return new Link(
                name, link.get("bytesPerSecond").asDouble(), link.get("latency").asDouble());
    }

    private static JsonNode read() {
        try (InputStream in = Links.class.getResourceAsStream("links.json")) {
            return new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
