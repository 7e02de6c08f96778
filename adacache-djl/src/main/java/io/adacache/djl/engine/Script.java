package io.adacache.djl.engine;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.Reference;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A loaded TorchScript file whose methods can be called: the one wrapper of the native module. Owns it until {@link #free}d; holds
 * DJL's model strongly, since DJL closes models that become unreachable.
 *
 * <p>Methods may be called from several threads; every native call goes through the gate. Arrays that are returned are attached to
 * the script until released. Every call sets the graph executor's mode for its thread, see {@code docs/running.md}: libtorch keeps that
 * mode per thread, and its optimised mode makes the first calls of every new shape slow and doubles the peak of a long method.
 */
public final class Script {
    /** DJL's own property of the graph executor's mode: off unless it is {@code true}. */
    private static final String OPTIMISE = "ai.djl.pytorch.graph_optimizer";

    private final Gate gate;
    private final Model model;
    private final PtSymbolBlock block;
    private final PtNDManager manager;
    private final boolean optimise = Boolean.getBoolean(OPTIMISE);
    private final AtomicInteger contexts = new AtomicInteger();

    private Script(Gate gate, Model model) {
        this.gate = gate;
        this.model = model;
        this.block = (PtSymbolBlock) model.getBlock();
        this.manager = (PtNDManager) model.getNDManager().newSubManager();
    }

    /**
     * Loads a file.
     *
     * @throws EngineException if libtorch refuses it; the message is libtorch's reason
     * @throws UncheckedIOException if it cannot be read
     * @throws IllegalStateException if the engine does not start or has not the device; the message says what to do
     */
    public static Script load(Gate gate, Path file, Device device) {
        Engines.require(device);
        return gate.call(() -> {
            Model model = Model.newInstance(gate.name(), device, Engines.NAME);
            try {
                Path whole = file.toAbsolutePath();
                model.load(whole.getParent(), whole.getFileName().toString(), Map.of("mapLocation", "true"));
                return new Script(gate, model);
            } catch (IOException e) {
                model.close();
                throw new UncheckedIOException(e);
            } catch (MalformedModelException | EngineException e) {
                model.close();
                throw new EngineException(Reasons.of(e), e);
            } catch (RuntimeException | Error e) {
                model.close();
                throw e;
            }
        });
    }

    /** Returns the gate that all calls go through. */
    public Gate gate() {
        return gate;
    }

    /** Returns DJL's model, to be used by what DJL makes around a model. */
    public Model model() {
        return model;
    }

    /** Returns a manager of the script's device, for inputs; freed with the script. */
    public PtNDManager manager() {
        return manager;
    }

    /**
     * Calls a method.
     *
     * @param fill adds the arguments
     * @param take takes what it wants out of the result, which is freed behind it
     * @throws EngineException if the method fails; the message names it and says why
     */
    public <R> R call(String method, Consumer<Arguments> fill, Function<IValue, R> take) {
        return gate.call(() -> inside(method, fill, take));
    }

    /** Calls a method as {@link #call} does, inside another call behind the same gate. */
    public <R> R inside(String method, Consumer<Arguments> fill, Function<IValue, R> take) {
        try (Arguments arguments = new Arguments()) {
            fill.accept(arguments);
            JniUtils.setGraphExecutorOptimize(optimise);
            try (IValue result = IValueUtils.runMethod(block, method, arguments.values())) {
                return take.apply(result);
            }
        } catch (EngineException e) {
            throw new EngineException(gate.name() + ": '" + method + "' fails: " + Reasons.of(e), e);
        } finally {
            Reference.reachabilityFence(model);
        }
    }

    /**
     * Calls a method that returns a tensor.
     *
     * @param check throws if the tensor will not do, which is then freed
     */
    public NDArray tensor(String method, Consumer<Arguments> fill, Consumer<NDArray> check) {
        return call(method, fill, result -> tensor(method, result, check));
    }

    /** Calls a method that returns a tensor. */
    public NDArray tensor(String method, Consumer<Arguments> fill) {
        return tensor(method, fill, any -> {});
    }

    /** Takes the tensor out of a result, in a call; of a tuple or list of tensors it is the first, the others are freed. */
    public NDArray tensor(String method, IValue result, Consumer<NDArray> check) {
        List<NDArray> list = result.isTensor()
                ? List.of(result.toTensor(manager))
                : result.isTuple() || result.isTensorList() ? result.toNDList(manager) : List.of();
        return checked(method, list, all -> {
                    if (all.isEmpty()) {
                        throw wrong(method, result, "a tensor");
                    }
                    check.accept(all.get(0));
                    all.subList(1, all.size()).forEach(NDArray::close);
                })
                .get(0);
    }

    /**
     * Calls a method that returns a list of tensors.
     *
     * @param check throws if the tensors will not do, which are then freed
     */
    public List<NDArray> tensors(String method, Consumer<Arguments> fill, Consumer<List<NDArray>> check) {
        return call(method, fill, result -> {
            if (!result.isTensorList()) {
                throw wrong(method, result, "a list of tensors");
            }
            return checked(method, Arrays.asList((NDArray[]) result.toTensorArray(manager)), check);
        });
    }

    /** Calls a method that returns tensors in any form. */
    public NDList values(String method, Consumer<Arguments> fill) {
        return call(method, fill, result -> result.toNDList(manager));
    }

    private static List<NDArray> checked(String method, List<NDArray> arrays, Consumer<List<NDArray>> check) {
        boolean good = false;
        try {
            check.accept(arrays);
            good = true;
            return arrays;
        } catch (IllegalArgumentException | IllegalStateException | UnsupportedOperationException e) {
            // DJL cannot name every dtype, layout and device that libtorch has.
            throw new WrongResult(
                    "'" + method + "' returned a tensor of a kind that DJL does not know: " + e.getMessage());
        } finally {
            if (!good) {
                arrays.forEach(NDArray::close);
            }
        }
    }

    /**
     * Calls a method that returns a tensor and a list of tensors, the context.
     *
     * @param check throws if the tensor will not do; everything is then freed
     */
    public Context context(String method, Consumer<Arguments> fill, Consumer<NDArray> check) {
        return call(method, fill, result -> {
            IValue[] parts = result.isTuple() ? result.toIValueTuple() : new IValue[0];
            boolean good = false;
            try {
                if (parts.length != 2 || !parts[0].isTensor() || !parts[1].isTensorList()) {
                    throw wrong(method, result, "a tensor and a list of tensors");
                }
                NDArray hidden = tensor(method, parts[0], check);
                contexts.incrementAndGet();
                good = true;
                return new Context(this, hidden, parts[1]);
            } finally {
                for (IValue part : parts) {
                    if (!good || part != parts[1]) {
                        part.close();
                    }
                }
            }
        });
    }

    private WrongResult wrong(String method, IValue result, String expected) {
        return new WrongResult("'" + method + "' returned " + result.getType() + " where " + expected + " is expected");
    }

    /** Frees an array that a call returned. */
    public void free(NDArray array) {
        // A full heap must not keep memory from being freed: nothing is allocated here.
        if (gate.enterToFree()) {
            try {
                array.close();
            } finally {
                gate.leave();
            }
        }
    }

    void free(IValue tensors) {
        if (gate.enterToFree()) {
            try {
                if (!tensors.isReleased()) {
                    tensors.close();
                    contexts.decrementAndGet();
                }
            } finally {
                gate.leave();
            }
        }
    }

    /** Returns the number of arrays and contexts that calls returned and nobody has freed or taken over. */
    public int live() {
        return manager.getManagedArrays().size() + contexts.get();
    }

    /** Frees the module and all arrays that are left. Only behind a closed gate; works without memory to spare. */
    public void free() {
        try {
            block.close();
        } finally {
            try {
                manager.close();
            } finally {
                model.close();
            }
        }
    }
}
