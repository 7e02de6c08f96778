package io.adacache.djl;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.adacache.djl.TorchScriptTransformer.Division;
import io.adacache.djl.engine.Gate;
import io.adacache.djl.engine.Script;
import io.adacache.djl.engine.Unpacked;
import io.adacache.djl.engine.WrongResult;
import io.adacache.djl.shards.FrameShards;
import io.adacache.djl.shards.Member;
import io.adacache.djl.shards.RowShards;
import io.adacache.djl.shards.Shards;
import io.adacache.layout.Span;
import io.adacache.spi.Transformer.Embedded;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The methods of a file over several devices, each of which holds all weights and a part of every hidden state: frames or rows. */
final class SeveralDevices implements Methods {
    private static final String ROWS = "batch";
    /** Dimensions with a line for each row, or with lines that the model repeats for all rows. */
    private static final Set<String> LINES = Set.of(ROWS, "prompts", "conditions");

    private final Shards shards;
    private final NDArrayOps first;
    private final Span stack;
    private final List<Loaded> loaded;

    private SeveralDevices(Shards shards, NDArrayOps first, Manifest manifest, List<Loaded> loaded) {
        this.shards = shards;
        this.first = first;
        this.stack = manifest.layout().stack();
        this.loaded = loaded;
    }

    /** What is loaded once per device, however many members it has. */
    private record Loaded(OneDevice model, Script helpers) {
        static Loaded with(OneDevice model) {
            Gate gate = model.script().gate();
            return new Loaded(model, Unpacked.load(gate, SeveralDevices.class, "shards.pt", model.device()));
        }

        static Loaded onto(Device device, Gate gate, Path file) {
            OneDevice model = OneDevice.load(gate, file, device);
            try {
                return with(model);
            } catch (RuntimeException | Error e) {
                model.free();
                throw e;
            }
        }

        Member member() {
            return new Member(model.device(), model.script(), helpers, model.ops());
        }

        void free() {
            try {
                helpers.free();
            } finally {
                model.free();
            }
        }
    }

    /**
     * Loads the file onto the other devices, and everywhere what members need.
     *
     * @param alone the file on the first device, which is the caller's to free if this throws
     * @param devices of the members, the first one's first
     * @throws ModelFileException if the file has no methods for it, or takes no other number of rows
     */
    static SeveralDevices of(
            OneDevice alone, Path file, @Nullable Manifest manifest, List<Device> devices, Division division) {
        if (manifest == null) {
            throw new ModelFileException(file + " is opaque and cannot be divided among devices: export the checkpoint"
                    + " with adacache_export, make a copy with 'instrument', or load it on one");
        }
        if (division == Division.FRAMES) {
            checkParts(file, manifest);
        } else {
            checkRows(file, manifest);
        }
        Map<Device, Loaded> byDevice = new LinkedHashMap<>();
        Gate gate = alone.script().gate();
        byDevice.put(alone.device(), Loaded.with(alone));
        try {
            devices.forEach(device -> byDevice.computeIfAbsent(device, other -> Loaded.onto(other, gate, file)));
        } catch (RuntimeException | Error e) {
            List<Loaded> all = List.copyOf(byDevice.values());
            all.get(0).helpers().free();
            all.subList(1, all.size()).forEach(Loaded::free);
            throw e;
        }
        List<Member> members = devices.stream()
                .map(device -> Objects.requireNonNull(byDevice.get(device)).member())
                .toList();
        Shards shards = shards(gate.name(), members, manifest, division);
        return new SeveralDevices(shards, alone.ops(), manifest, List.copyOf(byDevice.values()));
    }

    private static Shards shards(String name, List<Member> members, Manifest manifest, Division division) {
        List<String> prediction = manifest.prediction().shape();
        if (division == Division.FRAMES) {
            return new FrameShards(name, members, manifest.layout(), prediction.indexOf("frames"));
        }
        int[] rowAxes = manifest.inputs().stream()
                .mapToInt(input -> rowAxis(input.shape()))
                .toArray();
        return new RowShards(name, members, rowAxes, prediction.indexOf(ROWS));
    }

    private static int rowAxis(List<String> shape) {
        return IntStream.range(0, shape.size())
                .filter(axis -> LINES.contains(shape.get(axis)))
                .findFirst()
                .orElse(-1);
    }

    private static void checkRows(Path file, Manifest manifest) {
        Integer fixed = manifest.sizes().get(ROWS);
        if (fixed != null || !manifest.prediction().shape().contains(ROWS)) {
            throw new ModelFileException(file + " takes calls of "
                    + (fixed == null ? "a fixed number of" : fixed)
                    + " rows only, which cannot be divided among devices:"
                    + " trace the model so that its batch may have any size, or load it on one device");
        }
    }

    private static void checkParts(Path file, Manifest manifest) {
        if (manifest.contract() < Manifest.PARTS) {
            String found = manifest.obstacle() == null ? "" : " (" + manifest.obstacle() + ")";
            throw new ModelFileException(file + " keeps version " + manifest.contract()
                    + " of the contract, so that one video cannot be divided among devices" + found
                    + ": export the checkpoint again with adacache_export, or instrument the traced file again, or divide the rows of"
                    + " a batch (Division.ROWS), or load it on one device");
        }
    }

    @Override
    public NDArray forward(List<NDArray> inputs, Expected expected, UnaryOperator<NDArray> whenGood) {
        try (Embedded<NDArray> context = embed(inputs, expected)) {
            NDArray end = null;
            try {
                end = run(stack, new int[0], context.hidden(), context).get(0);
                return whenGood.apply(head(end, context));
            } finally {
                shards.ops().release(context.hidden());
                if (end != null) {
                    shards.ops().release(end);
                }
            }
        }
    }

    @Override
    public Embedded<NDArray> embed(List<NDArray> inputs, Expected expected) {
        Borrowed borrowed = Borrowed.of(first, inputs);
        Embedded<NDArray> inner =
                shards.embed(inputs, expected.grid(), (grid, hidden) -> expected.part(grid, hidden.getDevice())
                        .checkHidden("embed", hidden));
        return new Divided(inner, expected, borrowed);
    }

    private record Divided(Embedded<NDArray> inner, Expected expected, Borrowed borrowed) implements Embedded<NDArray> {
        @Override
        public NDArray hidden() {
            return inner.hidden();
        }

        @Override
        public void close() {
            inner.close();
        }
    }

    @Override
    public List<NDArray> run(Span sites, int[] capture, NDArray hidden, Embedded<NDArray> context) {
        return shards.run(sites, capture, hidden, ((Divided) context).inner());
    }

    @Override
    public NDArray modulated(int site, NDArray hidden, Embedded<NDArray> context) {
        return shards.modulated(site, hidden, ((Divided) context).inner());
    }

    @Override
    public NDArray head(NDArray hidden, Embedded<NDArray> context) {
        Divided divided = (Divided) context;
        NDArray prediction = shards.head(hidden, divided.inner());
        boolean good = false;
        try {
            divided.expected().checkPrediction("head", prediction);
            divided.borrowed().checkUnchangedOutside();
            good = true;
            return prediction;
        } catch (IllegalArgumentException | UnsupportedOperationException e) {
            throw new WrongResult("'head' returned a tensor of a kind that DJL does not know: " + e.getMessage());
        } finally {
            if (!good) {
                first.release(prediction);
            }
        }
    }

    @Override
    public NDArrayOps ops() {
        return first.with(shards.ops());
    }

    @Override
    public Map<String, Long> moved() {
        return shards.moved();
    }

    @Override
    public List<Long> held() {
        return shards.held();
    }

    @Override
    public int live() {
        return loaded.stream()
                .mapToInt(here -> here.model().live() + here.helpers().live())
                .sum();
    }

    @Override
    public void free() {
        shards.close();
        loaded.forEach(Loaded::free);
    }
}
