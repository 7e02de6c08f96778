package io.adacache.djl.npz;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * An array as NumPy stores it ({@code .npy}, header versions 1 to 3): real numbers, whole numbers or booleans. Immutable.
 *
 * <p>Source: NumPy's {@code numpy.lib.format}.
 */
public final class NpyArray {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final Pattern DTYPE = Pattern.compile("'descr'\\s*:\\s*'([<>|=])([a-z])(\\d+)'");
    private static final Pattern ORDER = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
    private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([^)]*)\\)");

    private final String type;
    private final List<Long> shape;
    private final ByteBuffer data;
    private final boolean columnMajor;

    private NpyArray(String type, List<Long> shape, ByteBuffer data, boolean columnMajor) {
        this.type = type;
        this.shape = List.copyOf(shape);
        this.data = data;
        this.columnMajor = columnMajor;
    }

    /**
     * Reads a file's content.
     *
     * @param what name for errors
     * @throws IllegalArgumentException if it is no such file or holds something else
     */
    public static NpyArray parse(byte[] bytes, String what) {
        if (bytes.length < 10 || !Arrays.equals(MAGIC, Arrays.copyOf(bytes, MAGIC.length))) {
            throw new IllegalArgumentException(what + " is no NumPy array");
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int version = bytes[6];
        int begin = version == 1 ? 10 : 12;
        long length = version == 1 ? buffer.getShort(8) & 0xFFFF : buffer.getInt(8) & 0xFFFFFFFFL;
        if (version < 1 || version > 3 || begin + length > bytes.length) {
            throw new IllegalArgumentException(what + " has a header that cannot be read (version " + version + ")");
        }
        String header = new String(bytes, begin, (int) length, StandardCharsets.UTF_8);
        Matcher dtype = DTYPE.matcher(header);
        Matcher order = ORDER.matcher(header);
        Matcher sizes = SHAPE.matcher(header);
        if (!dtype.find() || !order.find() || !sizes.find()) {
            throw new IllegalArgumentException(what + " holds something else than numbers: " + header.strip());
        }
        List<Long> shape = Stream.of(sizes.group(1).split(","))
                .map(String::strip)
                .filter(size -> !size.isEmpty())
                .map(Long::valueOf)
                .toList();
        String type = dtype.group(2) + dtype.group(3);
        int first = begin + (int) length;
        ByteBuffer data = ByteBuffer.wrap(bytes, first, bytes.length - first).slice();
        data.order(dtype.group(1).equals(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        NpyArray array = new NpyArray(type, shape, data, order.group(1).equals("True"));
        if (!List.of("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "b1")
                .contains(type)) {
            throw new IllegalArgumentException(what + " has the type " + type + ", which this program does not read");
        }
        if (elements(shape, what) > data.capacity() / array.width()) {
            throw new IllegalArgumentException(
                    what + " is cut off: shape " + shape + " of " + type + ", but only " + data.capacity() + " bytes");
        }
        return array;
    }

    /** What a shape claims; more than any file has where that is no number. */
    private static long elements(List<Long> shape, String what) {
        long count = 1;
        for (long size : shape) {
            if (size < 0) {
                throw new IllegalArgumentException(what + " has the shape " + shape + ", which is none");
            }
            count = size == 0 || count <= Long.MAX_VALUE / size ? count * size : Long.MAX_VALUE;
        }
        return count;
    }

    /** Returns a file's content: fp32 numbers, last axis fastest. */
    public static byte[] format(float[] values, long[] shape) {
        StringBuilder header = new StringBuilder("{'descr': '<f4', 'fortran_order': False, 'shape': (");
        for (long size : shape) {
            header.append(size).append(", ");
        }
        header.append("), }");
        while ((MAGIC.length + 4 + header.length() + 1) % 64 != 0) {
            header.append(' ');
        }
        header.append('\n');
        ByteBuffer buffer = ByteBuffer.allocate(MAGIC.length + 4 + header.length() + values.length * Float.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN);
        buffer.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) header.length());
        buffer.put(header.toString().getBytes(StandardCharsets.US_ASCII));
        buffer.asFloatBuffer().put(values);
        return buffer.array();
    }

    /** Returns the type as NumPy writes it, without byte order: {@code f4}, {@code i8}, {@code b1}, ... */
    public String type() {
        return type;
    }

    /** Returns the sizes; none for a single number. */
    public List<Long> shape() {
        return shape;
    }

    /** Returns the number of elements. */
    public int size() {
        return Math.toIntExact(shape.stream().reduce(1L, Math::multiplyExact));
    }

    private int width() {
        return Integer.parseInt(type.substring(1));
    }

    /** Returns the elements, last axis fastest, as fp32. */
    public float[] floats() {
        float[] values = new float[size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) number(place(i));
        }
        return values;
    }

    /** Returns the elements, last axis fastest, as fp64. */
    public double[] doubles() {
        double[] values = new double[size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = number(place(i));
        }
        return values;
    }

    /** Returns the elements, last axis fastest, as whole numbers; fractions are cut off. */
    public long[] longs() {
        long[] values = new long[size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = type.equals("i8") ? data.getLong(place(i) * Long.BYTES) : (long) number(place(i));
        }
        return values;
    }

    /** Returns where an element stands in the file. */
    private int place(int element) {
        if (!columnMajor) {
            return element;
        }
        long rest = element;
        long place = 0;
        long stride = size();
        for (int axis = shape.size() - 1; axis >= 0; axis--) {
            stride /= shape.get(axis);
            place += rest % shape.get(axis) * stride;
            rest /= shape.get(axis);
        }
        return (int) place;
    }

    private double number(int place) {
        int at = place * width();
        return switch (type) {
            case "f2" -> half(data.getShort(at));
            case "f4" -> data.getFloat(at);
            case "f8" -> data.getDouble(at);
            case "i1" -> data.get(at);
            case "i2" -> data.getShort(at);
            case "i4" -> data.getInt(at);
            case "i8" -> data.getLong(at);
            case "u2" -> data.getShort(at) & 0xFFFF;
            case "u4" -> data.getInt(at) & 0xFFFFFFFFL;
            default -> data.get(at) & 0xFF;
        };
    }

    private static double half(short bits) {
        int exponent = bits >> 10 & 0x1F;
        int fraction = bits & 0x3FF;
        double size = exponent == 0
                ? fraction * 0x1p-24
                : exponent == 0x1F
                        ? fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN
                        : (1 + fraction * 0x1p-10) * Math.pow(2, exponent - 15);
        return bits < 0 ? -size : size;
    }

    @Override
    public String toString() {
        return type + " " + shape;
    }
}
