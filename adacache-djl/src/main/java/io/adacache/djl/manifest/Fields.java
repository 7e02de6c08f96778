package io.adacache.djl.manifest;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The fields of one JSON object, read strictly: the right type and range, or a message that names field, value and expectation. */
public final class Fields {
    private static final int MAX_TEXT = 1000;
    private static final int MAX_SHOWN = 60;
    private static final int MAX_RANK = 16;
    private static final Pattern DIMENSION = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]{0,199}");

    private final String path;
    private final Map<String, ?> values;

    private Fields(String path, Map<String, ?> values) {
        this.path = path;
        this.values = values;
    }

    /** The fields of the outermost object. */
    public static Fields of(Map<String, ?> object) {
        return new Fields("", object);
    }

    /** Whether a field is there and not null. */
    public boolean has(String name) {
        return values.get(name) != null;
    }

    /** The names of all fields, in the text's order. */
    public Collection<String> names() {
        return values.keySet();
    }

    /** Text without control characters. */
    public String text(String name) {
        if (!(value(name) instanceof String text) || text.isEmpty() || text.length() > MAX_TEXT) {
            throw wrong(name, "text of 1 to " + MAX_TEXT + " characters");
        }
        // A terminal acts on these, and a name is printed.
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw wrong(name, "text without control characters");
        }
        return text;
    }

    /** Text of one form. */
    public String text(String name, Pattern form, String expected) {
        if (!(value(name) instanceof String text) || !form.matcher(text).matches()) {
            throw wrong(name, expected);
        }
        return text;
    }

    /** One of some words. */
    public String oneOf(String name, Collection<String> words) {
        if (!(value(name) instanceof String text) || !words.contains(text)) {
            throw wrong(name, "one of " + String.join(", ", words));
        }
        return text;
    }

    /** A whole number within bounds, both included. */
    public long whole(String name, long least, long most) {
        if (!(value(name) instanceof Long number) || number < least || number > most) {
            throw wrong(name, "a whole number from " + least + " to " + most);
        }
        return number;
    }

    /** A whole number within bounds that fits an int. */
    public int count(String name, int least, int most) {
        return (int) whole(name, least, most);
    }

    /** A number of at least zero. */
    public double amount(String name) {
        return amount(name, Double.MAX_VALUE);
    }

    /** A number of at least zero and at most so much. */
    public double amount(String name, double most) {
        boolean fits =
                value(name) instanceof Number number && number.doubleValue() >= 0 && number.doubleValue() <= most;
        if (!fits) {
            throw wrong(name, most == Double.MAX_VALUE ? "a number of 0 or more" : "a number from 0 to " + most);
        }
        return ((Number) value(name)).doubleValue();
    }

    /** A number above zero. */
    public double positive(String name) {
        boolean fits = value(name) instanceof Number number
                && number.doubleValue() > 0
                && Double.isFinite(number.doubleValue());
        if (!fits) {
            throw wrong(name, "a number above 0");
        }
        return ((Number) value(name)).doubleValue();
    }

    /** A list of numbers of at least zero; empty where the field is missing. */
    public List<Double> amounts(String name) {
        List<Double> amounts = new ArrayList<>();
        for (Object item : has(name) ? list(name) : List.of()) {
            if (!(item instanceof Number number) || !(number.doubleValue() >= 0)) {
                throw problem(name, item, "a list of numbers of 0 or more");
            }
            amounts.add(number.doubleValue());
        }
        return amounts;
    }

    /** True or false; false where the field is missing. */
    public boolean flag(String name) {
        if (!has(name)) {
            return false;
        }
        if (!(value(name) instanceof Boolean flag)) {
            throw wrong(name, "true or false");
        }
        return flag;
    }

    /** An object's fields. */
    public Fields object(String name) {
        return new Fields(path(name), map(value(name), name));
    }

    /** An object's fields; none where it is missing. */
    public Fields objectOrEmpty(String name) {
        return has(name) ? object(name) : new Fields(path(name), Map.of());
    }

    /** A size: a whole number as text, or the name of a dimension. */
    public String size(String name) {
        return size(value(name), name);
    }

    /** A list of sizes. */
    public List<String> sizes(String name) {
        List<String> sizes = new ArrayList<>();
        for (Object item : list(name)) {
            sizes.add(size(item, name + "[" + sizes.size() + "]"));
        }
        if (sizes.size() > MAX_RANK) {
            throw wrong(name, "a list of at most " + MAX_RANK + " sizes");
        }
        return sizes;
    }

    private String size(@Nullable Object value, String name) {
        if (value instanceof Long number && number >= 0 && number <= Integer.MAX_VALUE) {
            return number.toString();
        }
        if (value instanceof String text && DIMENSION.matcher(text).matches()) {
            return text;
        }
        throw problem(name, value, "a whole number, or the name of a dimension");
    }

    /** A list of objects, with their places for messages. */
    public List<Fields> objects(String name) {
        List<Fields> objects = new ArrayList<>();
        for (Object item : list(name)) {
            String place = name + "[" + objects.size() + "]";
            objects.add(new Fields(path(place), map(item, place)));
        }
        return objects;
    }

    /** A list of anything. */
    public List<?> list(String name) {
        if (!(value(name) instanceof List<?> list)) {
            throw wrong(name, "a list");
        }
        return list;
    }

    private Map<String, ?> map(@Nullable Object value, String name) {
        if (!(value instanceof Map<?, ?> map)) {
            throw problem(name, value, "an object");
        }
        Map<String, Object> named = new LinkedHashMap<>();
        map.forEach((key, item) -> named.put((String) key, item));
        return named;
    }

    private Object value(String name) {
        Object value = values.get(name);
        if (value == null) {
            throw new ManifestException("lacks '" + printable(path(name)) + "'");
        }
        return value;
    }

    private String path(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    /** What to throw where a field's value does not do. */
    public ManifestException wrong(String name, String expected) {
        return problem(name, values.get(name), expected);
    }

    private ManifestException problem(String name, @Nullable Object value, String expected) {
        return new ManifestException(
                "has '" + printable(path(name)) + "' = " + shown(value) + ", but expected is " + expected);
    }

    /** A value for a message: short, and nothing that a terminal acts on. */
    static String shown(@Nullable Object value) {
        String text = value instanceof String ? "\"" + value + "\"" : String.valueOf(value);
        return printable(text);
    }

    private static String printable(String text) {
        String clean = text.replaceAll("\\p{Cntrl}", "?");
        return clean.length() > MAX_SHOWN ? clean.substring(0, MAX_SHOWN) + "..." : clean;
    }
}
