package io.adacache.tune;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A JSON object whose fields are asked for by name and type; what is missing or another type is named. */
record JsonObject(Map<?, ?> fields) {
    /**
     * Reads an object.
     *
     * @throws IllegalArgumentException if the text is none
     */
    static JsonObject parse(String text) {
        return of("", Json.parse(text));
    }

    private static JsonObject of(String name, @Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            return new JsonObject(map);
        }
        throw wrong(name, "object");
    }

    boolean has(String name) {
        return fields.containsKey(name);
    }

    String text(String name) {
        if (fields.get(name) instanceof String text) {
            return text;
        }
        throw wrong(name, "text");
    }

    int whole(String name) {
        if (fields.get(name) instanceof Double number
                && number == Math.rint(number)
                && Math.abs(number) <= Integer.MAX_VALUE) {
            return number.intValue();
        }
        throw wrong(name, "whole number");
    }

    JsonObject object(String name) {
        return of(name, fields.get(name));
    }

    List<JsonObject> objects(String name) {
        return list(name, fields.get(name)).stream()
                .map(element -> of(name, element))
                .toList();
    }

    List<String> texts(String name) {
        return list(name, fields.get(name)).stream().map(String::valueOf).toList();
    }

    /** Returns all fields as text. */
    Map<String, String> texts() {
        Map<String, String> texts = new LinkedHashMap<>();
        fields.forEach((name, value) -> texts.put(String.valueOf(name), shown(value)));
        return texts;
    }

    /** A whole number without a fraction, as it was written. */
    private static String shown(@Nullable Object value) {
        return value instanceof Double number && number == Math.rint(number) && Math.abs(number) < 1e15
                ? Long.toString(number.longValue())
                : String.valueOf(value);
    }

    List<Double> numbers(String name) {
        return list(name, fields.get(name)).stream()
                .map(element -> number(name, element))
                .toList();
    }

    double[][] rows(String name) {
        return list(name, fields.get(name)).stream()
                .map(row -> list(name, row).stream()
                        .mapToDouble(element -> number(name, element))
                        .toArray())
                .toArray(double[][]::new);
    }

    /** Numbers that JSON does not know are words. */
    private static double number(String name, @Nullable Object value) {
        if (value instanceof Double number) {
            return number;
        }
        if (value instanceof String word && word.matches("NaN|-?Infinity")) {
            return Double.parseDouble(word);
        }
        throw wrong(name, "list of numbers");
    }

    private static List<?> list(String name, @Nullable Object value) {
        if (value instanceof List<?> list) {
            return list;
        }
        throw wrong(name, "list");
    }

    private static IllegalArgumentException wrong(String name, String type) {
        return new IllegalArgumentException(
                "should hold '" + name + "' as " + (type.equals("object") ? "an " : "a ") + type);
    }
}
