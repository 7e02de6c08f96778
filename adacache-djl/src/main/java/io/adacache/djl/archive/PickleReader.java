package io.adacache.djl.archive;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the layout out of a TorchScript pickle: which object has which class and which tensors. Nothing is executed: of all
 * functions that a pickle can name, only those that PyTorch's own writer uses are known, and they only build records.
 */
public final class PickleReader {
    private static final int MAX_OPERATIONS = 10_000_000;
    private static final int MAX_GAP = 1000;
    private static final Object MARK = new Object();
    private static final Object NONE = new Object();

    private record Global(String module, String name) {}

    private record Storage(String dtype, String key, long count) {}

    private final Archive archive;
    private final String name;
    private final boolean shapesOnly;
    private final ByteBuffer in;
    private final List<Object> stack = new ArrayList<>();
    private final Map<Long, Object> memo = new HashMap<>();

    private PickleReader(Archive archive, String name, byte[] bytes, boolean shapesOnly) {
        this.archive = archive;
        this.name = name;
        this.shapesOnly = shapesOnly;
        this.in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Reads {@code name.pkl}, whose tensors lie in {@code name/}.
     *
     * @throws ArchiveException if the pickle is cut off, uses anything unknown, or names bytes that are not there
     */
    public static @Nullable Object read(Archive archive, String name, int limit) throws IOException {
        return read(new PickleReader(archive, name, archive.read(name + ".pkl", limit), false));
    }

    /**
     * Reads {@code name.pkl} for the shapes in it; the tensors' bytes may be missing. (PyTorch keeps the example inputs of a
     * trace that way, in {@code traced_inputs.pkl}.)
     */
    public static @Nullable Object readShapes(Archive archive, String name, int limit) throws IOException {
        return read(new PickleReader(archive, name, archive.read(name + ".pkl", limit), true));
    }

    private static @Nullable Object read(PickleReader reader) throws IOException {
        String name = reader.name;
        try {
            return plain(reader.run());
        } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
            throw new ArchiveException(name + ".pkl is cut off", e);
        } catch (ClassCastException | ArithmeticException | NegativeArraySizeException e) {
            throw new ArchiveException(name + ".pkl is damaged", e);
        }
    }

    private static @Nullable Object plain(Object value) {
        return value == NONE ? null : value;
    }

    private Object run() throws IOException {
        for (int i = 0; i < MAX_OPERATIONS; i++) {
            int code = in.get() & 0xff;
            if (code == '.') {
                return pop();
            }
            if (!constant(code) && !structure(code)) {
                throw problem("operation " + String.format("0x%02x", code) + " is none that TorchScript writes");
            }
        }
        throw problem("more than " + MAX_OPERATIONS + " operations");
    }

    private boolean constant(int code) throws IOException {
        switch (code) {
            case 0x80 -> in.get();
            case 'N' -> push(NONE);
            case 0x88 -> push(true);
            case 0x89 -> push(false);
            case 'K' -> push((long) (in.get() & 0xff));
            case 'M' -> push((long) (in.getShort() & 0xffff));
            case 'J' -> push((long) in.getInt());
            case 0x8a -> push(longInteger());
            case 'G' -> push(Double.longBitsToDouble(Long.reverseBytes(in.getLong())));
            case 'X' -> push(string(in.getInt()));
            case 'U' -> push(string(in.get() & 0xff));
            case 'T', 'B' -> push(string(in.getInt()));
            case 'c' -> push(new Global(line(), line()));
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean structure(int code) throws IOException {
        switch (code) {
            case '(' -> push(MARK);
            case ')', ']' -> push(new ArrayList<>());
            case '}' -> push(new LinkedHashMap<>());
            case 't', 'l' -> push(toMark());
            case 0x85 -> push(last(1));
            case 0x86 -> push(last(2));
            case 0x87 -> push(last(3));
            case 'q' -> remember(in.get() & 0xff);
            case 'r' -> remember(in.getInt() & 0xffffffffL);
            case 'h' -> push(remembered(in.get() & 0xff));
            case 'j' -> push(remembered(in.getInt() & 0xffffffffL));
            case 'a' -> {
                Object item = pop();
                list(peek()).add(item);
            }
            case 'e' -> {
                List<Object> items = toMark();
                list(peek()).addAll(items);
            }
            case 's' -> put(last(2));
            case 'u' -> put(toMark());
            case '0' -> pop();
            case 'Q' -> push(storage(list(pop())));
            case 'R' -> reduce();
            case 0x81 -> newObject();
            case 'b' -> build();
            default -> {
                return false;
            }
        }
        return true;
    }

    private void put(List<Object> items) throws IOException {
        if (items.size() % 2 != 0 || !(peek() instanceof Map)) {
            throw problem("a dictionary is damaged");
        }
        @SuppressWarnings("unchecked")
        Map<Object, Object> map = (Map<Object, Object>) peek();
        for (int i = 0; i < items.size(); i += 2) {
            Object key = items.get(i);
            if (!(key instanceof String || key instanceof Long || key instanceof Boolean || key instanceof Double)) {
                throw problem("a dictionary has a key that is no string or number");
            }
            map.put(key, items.get(i + 1));
        }
    }

    private void newObject() throws IOException {
        pop();
        if (!(pop() instanceof Global type)) {
            throw problem("an object has no class");
        }
        push(new PickledObject(type.module() + "." + type.name()));
    }

    private void build() throws IOException {
        Object state = pop();
        if (!(peek() instanceof PickledObject object)) {
            throw problem("a state belongs to no object");
        }
        if (state instanceof Map<?, ?> map) {
            for (Map.Entry<?, ?> item : map.entrySet()) {
                object.attributes().put((String) item.getKey(), item.getValue());
            }
        }
    }

    private void reduce() throws IOException {
        List<Object> arguments = list(pop());
        if (!(pop() instanceof Global function)) {
            throw problem("a call of something that is no function");
        }
        String called = function.module() + "." + function.name();
        switch (called) {
            case "torch._utils._rebuild_tensor_v2" -> push(tensor(arguments));
            case "torch._utils._rebuild_parameter" -> push(arguments.get(0));
            case "collections.OrderedDict" -> push(new LinkedHashMap<>());
            case "torch.device" -> push(arguments.get(0));
            default -> {
                if (function.module().equals("torch.jit._pickle") && !arguments.isEmpty()) {
                    push(arguments.get(0));
                } else if (function.module().startsWith("__torch__")) {
                    push(new PickledObject(called));
                } else {
                    throw problem("names " + shown(called) + ", which no TorchScript archive needs");
                }
            }
        }
    }

    private Storage storage(List<Object> id) throws IOException {
        if (id.size() < 5 || !"storage".equals(id.get(0)) || !(id.get(1) instanceof Global type)) {
            throw problem("a tensor's storage is damaged");
        }
        String dtype = Tensor.dtypeOf(type.name());
        int width = Tensor.width(dtype);
        String key = name + "/" + id.get(2);
        long count = (Long) id.get(4);
        Entry entry = archive.entries().get(key);
        if (width == 0) {
            throw problem("a tensor has dtype " + shown(dtype));
        }
        if (count < 0 || count > Long.MAX_VALUE / 16) {
            throw problem("a tensor has " + count + " stored numbers");
        }
        if (shapesOnly) {
            return new Storage(dtype, key, count);
        }
        if (entry == null || entry.size() != count * width) {
            throw problem(
                    "entry " + shown(key) + " does not hold the " + count + " numbers of " + dtype + " that it should");
        }
        if (entry.method() != Entry.STORED) {
            throw problem("entry " + shown(key) + " is compressed");
        }
        return new Storage(dtype, key, count);
    }

    private Tensor tensor(List<Object> arguments) throws IOException {
        Storage storage = (Storage) arguments.get(0);
        long offset = (Long) arguments.get(1);
        List<Long> shape = longs(arguments.get(2));
        List<Long> strides = longs(arguments.get(3));
        long last = offset;
        if (shape.size() != strides.size() || shape.size() > 16 || offset < 0) {
            throw problem("a tensor's shape is damaged");
        }
        for (int i = 0; i < shape.size(); i++) {
            if (shape.get(i) < 0 || strides.get(i) < 0) {
                throw problem("a tensor has a negative size");
            }
            last = Math.addExact(last, Math.multiplyExact(Math.max(0, shape.get(i) - 1), strides.get(i)));
        }
        boolean empty = shape.stream().reduce(1L, Math::multiplyExact) == 0;
        if (empty ? offset > storage.count() : last >= storage.count()) {
            throw problem("a tensor reaches beyond its " + storage.count() + " stored numbers");
        }
        return new Tensor(storage.dtype(), storage.key(), offset, shape, strides);
    }

    private static List<Long> longs(Object value) {
        List<Long> result = new ArrayList<>();
        for (Object item : (List<?>) value) {
            result.add((Long) item);
        }
        return List.copyOf(result);
    }

    private long longInteger() throws IOException {
        int bytes = in.get() & 0xff;
        if (bytes > 8) {
            throw problem("an integer has " + bytes + " bytes");
        }
        long value = 0;
        for (int i = 0; i < bytes; i++) {
            value |= (in.get() & 0xffL) << (8 * i);
        }
        int unused = 64 - 8 * bytes;
        return bytes == 0 ? 0 : value << unused >> unused;
    }

    private String string(int bytes) throws IOException {
        if (bytes < 0 || bytes > in.remaining()) {
            throw problem("a string is cut off");
        }
        byte[] raw = new byte[bytes];
        in.get(raw);
        return new String(raw, StandardCharsets.UTF_8);
    }

    private String line() {
        int start = in.position();
        while (in.get() != '\n') {}
        byte[] raw = new byte[in.position() - 1 - start];
        in.get(start, raw);
        return new String(raw, StandardCharsets.UTF_8);
    }

    /** PyTorch counts its places up; it makes room for all places below one that is named. */
    private void remember(long key) throws IOException {
        if (key > memo.size() + MAX_GAP) {
            throw problem("stores a value at place " + key + " after " + memo.size() + " others");
        }
        memo.put(key, peek());
    }

    private Object remembered(long key) throws IOException {
        Object value = memo.get(key);
        if (value == null) {
            throw problem("refers to something that was never stored");
        }
        return value;
    }

    private void push(Object value) {
        stack.add(value);
    }

    private Object pop() {
        return stack.remove(stack.size() - 1);
    }

    private Object peek() {
        return stack.get(stack.size() - 1);
    }

    private List<Object> last(int count) {
        List<Object> tail = stack.subList(stack.size() - count, stack.size());
        List<Object> copy = new ArrayList<>(tail);
        tail.clear();
        return copy;
    }

    private List<Object> toMark() throws IOException {
        for (int i = stack.size() - 1; i >= 0; i--) {
            if (stack.get(i) == MARK) {
                List<Object> items = last(stack.size() - 1 - i);
                pop();
                return items;
            }
        }
        throw problem("a list has no beginning");
    }

    @SuppressWarnings("unchecked")
    private static List<Object> list(Object value) {
        return (List<Object>) value;
    }

    private static String shown(String text) {
        String printable = text.replaceAll("[^ -~]", "?");
        return printable.length() > 120 ? printable.substring(0, 120) + "..." : printable;
    }

    private ArchiveException problem(String text) {
        return new ArchiveException(name + ".pkl " + text);
    }
}
