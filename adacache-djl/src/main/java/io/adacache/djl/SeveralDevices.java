package io.adacache.djl;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.adacache.djl.engine.Gate;
import io.adacache.djl.engine.Script;
import io.adacache.djl.engine.Unpacked;
import io.adacache.djl.engine.WrongResult;
import io.adacache.djl.shards.Member;
import io.adacache.djl.shards.Shards;
import io.adacache.layout.Span;
import io.adacache.spi.Transformer.Embedded;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;

/** The methods of a file over several devices, each of which holds all weights and a part of every hidden state. */
final class SeveralDevices implements Methods {
    private final Shards shards;
    private final NDArrayOps first;
    private final Span stack;
    private final int framesAxis;
    private final List<Loaded> loaded;

    private SeveralDevices(Shards shards, NDArrayOps first, Manifest manifest, List<Loaded> loaded) {
        this.shards = shards;
        this.first = first;
        this.stack = manifest.layout().stack();
        this.framesAxis = manifest.prediction().shape().indexOf("frames");
        this.loaded = loaded;
    }

    /** What is loaded once per device, however many members it has. */
    private record Loaded(Script model, NDArrayOps ops, Script helpers) {
        static Loaded with(Script model, NDArrayOps ops, Device device) {
            return new Loaded(model, ops, Unpacked.load(model.gate(), SeveralDevices.class, "shards.pt", device));
        }

        static Loaded onto(Device device, Gate gate, Path file) {
            Script model = Script.load(gate, file, device);
            NDArrayOps ops = null;
            try {
                ops = NDArrayOps.load(gate, device);
                return with(model, ops, device);
            } catch (RuntimeException | Error e) {
                if (ops != null) {
                    ops.free();
                }
                model.free();
                throw e;
            }
        }

        void free() {
            try {
                helpers.free();
            } finally {
                new OneDevice(model, ops).free();
            }
        }
    }

    /**
     * Loads the file onto the other devices, and everywhere what members need.
     *
     * @param script the file on the first device, which is the caller's to free if this throws
     * @param devices of the members, the first one's that of the script
     * @throws ModelFileException if the file has no methods for it
     */
    static SeveralDevices of(Script script, NDArrayOps ops, Path file, Manifest manifest, List<Device> devices) {
        checkDivisible(file, manifest);
        Map<Device, Loaded> byDevice = new LinkedHashMap<>();
        byDevice.put(devices.get(0), Loaded.with(script, ops, devices.get(0)));
        try {
            devices.forEach(
                    device -> byDevice.computeIfAbsent(device, other -> Loaded.onto(other, script.gate(), file)));
        } catch (RuntimeException | Error e) {
            List<Loaded> all = List.copyOf(byDevice.values());
            all.get(0).helpers().free();
            all.subList(1, all.size()).forEach(Loaded::free);
            throw e;
        }
        List<Member> members = devices.stream()
                .map(device -> {
                    Loaded here = Objects.requireNonNull(byDevice.get(device));
                    return new Member(device, here.model(), here.helpers(), here.ops());
                })
                .toList();
        Shards shards = new Shards(script.gate().name(), members, manifest.layout());
        return new SeveralDevices(shards, ops, manifest, List.copyOf(byDevice.values()));
    }

    private static void checkDivisible(Path file, Manifest manifest) {
        if (manifest.contract() < Manifest.PARTS) {
            throw new ModelFileException(file + " keeps version " + manifest.contract()
                    + " of the contract and cannot be divided among devices: export the checkpoint again with"
                    + " adacache_export, or load it on one device");
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
        Embedded<NDArray> inner = shards.embed(inputs, expected.grid(), hidden -> expected.on(hidden.getDevice())
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
        NDArray prediction = shards.head(hidden, divided.inner(), framesAxis);
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

    /** The operations on this model's tensors, divided ones included. */
    NDArrayOps ops() {
        return first.with(shards.ops());
    }

    @Override
    public Map<String, Long> moved() {
        return shards.moved();
    }

    @Override
    public int live() {
        return loaded.stream()
                .mapToInt(here ->
                        here.model().live() + here.ops().live() + here.helpers().live())
                .sum();
    }

    @Override
    public void free() {
        shards.close();
        loaded.forEach(Loaded::free);
    }
}
