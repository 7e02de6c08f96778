package io.adacache.djl;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import io.adacache.djl.engine.Gate;
import io.adacache.djl.engine.Script;
import io.adacache.layout.Span;
import io.adacache.spi.Transformer.Embedded;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** The methods of a file on one device. */
final class OneDevice implements Methods {
    private static final String FORWARD = "forward";

    private final Device device;
    private final Script script;
    private final NDArrayOps ops;

    private OneDevice(Device device, Script script, NDArrayOps ops) {
        this.device = device;
        this.script = script;
        this.ops = ops;
    }

    /** Loads a file, and the tensor operations beside it. If one of them fails nothing stays loaded. */
    static OneDevice load(Gate gate, Path file, Device device) {
        Script script = Loading.script(gate, file, device);
        try {
            return new OneDevice(device, script, NDArrayOps.load(gate, device));
        } catch (RuntimeException | Error e) {
            script.free();
            throw e;
        }
    }

    Device device() {
        return device;
    }

    Script script() {
        return script;
    }

    @Override
    public NDArrayOps ops() {
        return ops;
    }

    @Override
    public NDArray forward(List<NDArray> inputs, Expected expected, UnaryOperator<NDArray> whenGood) {
        Borrowed borrowed = Borrowed.of(ops, inputs);
        try {
            return script.call(
                    FORWARD,
                    arguments -> arguments.addAll(inputs),
                    result -> whenGood.apply(script.tensor(FORWARD, result, prediction -> {
                        expected.checkPrediction(FORWARD, prediction);
                        borrowed.checkUnchanged();
                    })));
        } catch (EngineException e) {
            throw new EngineException(e.getMessage() + " (the inputs were " + CallChecker.describe(inputs) + ")", e);
        }
    }

    @Override
    public Embedded<NDArray> embed(List<NDArray> inputs, Expected expected) {
        Borrowed borrowed = Borrowed.of(ops, inputs);
        return new Embedding(
                script.context(
                        "embed",
                        arguments -> arguments.addAll(inputs),
                        hidden -> expected.checkHidden("embed", hidden)),
                expected,
                borrowed,
                false);
    }

    @Override
    public boolean embedsAgain() {
        return !device.isGpu();
    }

    @Override
    public Embedded<NDArray> embedAgain(List<NDArray> inputs, Expected expected, Embedded<NDArray> before) {
        Borrowed borrowed = Borrowed.of(ops, inputs);
        return new Embedding(
                script.context(
                        "embed_again",
                        arguments -> arguments.addAll(inputs).lend(((Embedding) before).context()),
                        hidden -> expected.checkHidden("embed_again", hidden)),
                expected,
                borrowed,
                false);
    }

    @Override
    public List<NDArray> run(Span sites, int[] capture, NDArray hidden, Embedded<NDArray> context) {
        Embedding embedding = (Embedding) context;
        long[] captured = Arrays.stream(capture).asLongStream().toArray();
        return script.tensors(
                "run",
                arguments -> arguments
                        .add(sites.first())
                        .add(sites.last())
                        .list(captured)
                        .add(hidden)
                        .lend(embedding.context()),
                result -> embedding.expected().checkRun(hidden, captured.length, result));
    }

    @Override
    public NDArray modulated(int site, NDArray hidden, Embedded<NDArray> context) {
        Embedding embedding = (Embedding) context;
        return script.tensor(
                "modulated",
                arguments -> arguments.add(site).add(hidden).lend(embedding.context()),
                result -> embedding.expected().checkHidden("modulated", result));
    }

    @Override
    public NDArray head(NDArray hidden, Embedded<NDArray> context) {
        Embedding embedding = (Embedding) context;
        return script.tensor("head", arguments -> arguments.add(hidden).lend(embedding.context()), result -> {
            embedding.expected().checkPrediction("head", result);
            embedding.borrowed().checkUnchanged();
        });
    }

    @Override
    public Map<String, Long> moved() {
        return Map.of();
    }

    @Override
    public List<Long> held() {
        return List.of();
    }

    @Override
    public int live() {
        return script.live() + ops.live();
    }

    @Override
    public void free() {
        try {
            ops.free();
        } finally {
            script.free();
        }
    }
}
