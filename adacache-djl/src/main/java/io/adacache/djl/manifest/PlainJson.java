package io.adacache.djl.manifest;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import java.io.EOFException;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * JSON to plain values and back: unmodifiable maps (in the text's order) and lists, strings, {@code Long}, finite {@code Double},
 * {@code Boolean} and null. Reading is strict: no comments, no second value, no name twice, no deeper than anybody writes.
 */
public final class PlainJson {
    private static final int MAX_DEPTH = 32;
    private static final Gson GSON =
            new GsonBuilder().setPrettyPrinting().serializeNulls().create();

    private PlainJson() {}

    /**
     * Parses an object.
     *
     * @throws ManifestException if the text is no JSON object
     */
    public static Map<String, @Nullable Object> parse(String text) {
        JsonReader reader = new JsonReader(new StringReader(text));
        reader.setStrictness(Strictness.STRICT);
        try {
            if (reader.peek() != JsonToken.BEGIN_OBJECT) {
                throw new ManifestException("is no JSON object");
            }
            Map<String, @Nullable Object> object = object(reader, 0);
            if (reader.peek() != JsonToken.END_DOCUMENT) {
                throw new ManifestException("goes on behind its closing brace");
            }
            return object;
        } catch (EOFException e) {
            throw new ManifestException("is cut off", e);
        } catch (MalformedJsonException | JsonParseException | NumberFormatException e) {
            throw new ManifestException("is no JSON: " + firstSentence(e), e);
        } catch (IOException e) {
            throw new ManifestException("cannot be read: " + e.getMessage(), e);
        }
    }

    private static String firstSentence(Exception e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }

    private static Map<String, @Nullable Object> object(JsonReader reader, int depth) throws IOException {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        reader.beginObject();
        while (reader.hasNext()) {
            String name = reader.nextName();
            if (object.containsKey(name)) {
                throw new ManifestException("names '" + Fields.shown(name) + "' twice (" + reader.getPath() + ")");
            }
            object.put(name, value(reader, depth + 1));
        }
        reader.endObject();
        return Collections.unmodifiableMap(object);
    }

    private static List<@Nullable Object> list(JsonReader reader, int depth) throws IOException {
        List<@Nullable Object> list = new ArrayList<>();
        reader.beginArray();
        while (reader.hasNext()) {
            list.add(value(reader, depth + 1));
        }
        reader.endArray();
        return Collections.unmodifiableList(list);
    }

    private static @Nullable Object value(JsonReader reader, int depth) throws IOException {
        if (depth > MAX_DEPTH) {
            throw new ManifestException("is nested deeper than " + MAX_DEPTH + " levels");
        }
        return switch (reader.peek()) {
            case BEGIN_OBJECT -> object(reader, depth);
            case BEGIN_ARRAY -> list(reader, depth);
            case STRING -> reader.nextString();
            case BOOLEAN -> reader.nextBoolean();
            case NUMBER -> number(reader.nextString());
            case NULL -> {
                reader.nextNull();
                yield null;
            }
            default -> throw new ManifestException("is no JSON at " + reader.getPath());
        };
    }

    private static Object number(String text) {
        if (text.matches("-?[0-9]{1,18}")) {
            return Long.valueOf(text);
        }
        double value = Double.parseDouble(text);
        if (!Double.isFinite(value)) {
            throw new ManifestException("holds the number " + Fields.shown(text) + ", which is too large");
        }
        return value;
    }

    /**
     * Formats plain values for people and machines, in ASCII: DJL hands extra files over as modified UTF-8.
     *
     * @throws ManifestException if a number is NaN or infinite, which JSON does not know
     */
    public static String write(Map<String, ?> object) {
        StringBuilder out = new StringBuilder();
        json(object).chars().forEach(c -> {
            if (c < 127) {
                out.append((char) c);
            } else {
                out.append(String.format("\\u%04x", c));
            }
        });
        return out.toString();
    }

    private static String json(Map<String, ?> object) {
        try {
            return GSON.toJson(object);
        } catch (IllegalArgumentException e) {
            throw new ManifestException("holds a number that is none (NaN or infinity)", e);
        }
    }
}
