package io.adacache.bench.files;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** JSON as this program writes and reads it. */
public final class Json {
    private static final ObjectMapper MAPPER = new ObjectMapper()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

    private Json() {}

    /** Returns a value as indented JSON that ends with a line break. */
    public static String text(Object value) {
        try {
            return MAPPER.writeValueAsString(value) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("This cannot be written as JSON: " + e.getOriginalMessage(), e);
        }
    }

    /** Returns a value as JSON in one line, without a line break. */
    public static String line(Object value) {
        try {
            return MAPPER.writer().without(SerializationFeature.INDENT_OUTPUT).writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("This cannot be written as JSON: " + e.getOriginalMessage(), e);
        }
    }

    /** Returns a value as a tree. */
    public static JsonNode tree(Object value) {
        return MAPPER.valueToTree(value);
    }

    /**
     * Reads a file.
     *
     * @throws IllegalArgumentException if it is missing or no JSON
     */
    public static JsonNode read(Path file) {
        return parse(InputFile.text(file), file);
    }

    /**
     * Reads a text.
     *
     * @param from where it comes from, for messages
     * @throws IllegalArgumentException if it is no JSON
     */
    public static JsonNode parse(String text, Path from) {
        try {
            return MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(from + " is no JSON: " + e.getOriginalMessage(), e);
        }
    }

    /**
     * Reads a text.
     *
     * @throws IllegalArgumentException if it is no JSON
     */
    public static JsonNode parse(String text) {
        try {
            return MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("this is no JSON: " + e.getOriginalMessage(), e);
        }
    }

    /** Reads bytes as a value; empty if they are no JSON, or another value. */
    public static <T> Optional<T> value(byte[] json, Class<T> type) {
        try {
            return Optional.ofNullable(MAPPER.readValue(json, type));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * Reads a file as a value.
     *
     * @throws IllegalArgumentException if it is missing, no JSON, or another value
     */
    public static <T> T read(Path file, Class<T> type) {
        try {
            return MAPPER.readValue(InputFile.text(file), type);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(file + " cannot be read: " + e.getOriginalMessage(), e);
        }
    }
}
