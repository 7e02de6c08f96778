package io.adacache.djl;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtModel;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A loaded TorchScript module whose methods can be called. Owns the native module; holds DJL's model strongly, since DJL closes
 * models that become unreachable.
 *
 * <p>Methods may be called from several threads. Arrays that are returned are attached to {@link #manager()} until released.
 */
final class Script implements AutoCloseable {
    private final Model model;
    private final PtSymbolBlock block;
    private final PtNDManager manager;

    private Script(Model model) {
        this.model = model;
        this.block = (PtSymbolBlock) model.getBlock();
        this.manager = (PtNDManager) model.getNDManager().newSubManager();
    }

    static Script load(Path file, Device device) {
        String name = file.getFileName().toString();
        Model model = Model.newInstance(name, device, "PyTorch");
        try {
            ((PtModel) model).load(file.toAbsolutePath().getParent(), name, Map.of("mapLocation", "true"));
            return new Script(model);
        } catch (IOException | MalformedModelException | EngineException e) {
            model.close();
            throw new ModelFileException(
                    file + " cannot be loaded by the PyTorch engine: " + firstLine(e)
                            + ". It may be truncated, or made by a newer torch than this engine's libtorch reads",
                    e);
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
    }

    static String firstLine(Throwable e) {
        return String.valueOf(e.getMessage())
                .lines()
                .filter(line -> !line.isBlank())
                .findFirst()
                .orElse(e.toString());
    }

    /** Returns the manager that results are attached to. */
    PtNDManager manager() {
        return manager;
    }

    Model model() {
        return model;
    }

    /** Whether the module has a method. Asks by calling it without arguments, which no method of the contract takes. */
    boolean has(String method) {
        try {
            IValueUtils.runMethod(block, method).close();
            return true;
        } catch (EngineException e) {
            return !String.valueOf(e.getMessage()).contains("is not defined");
        }
    }

    /** Calls a method; the arguments are closed, the result is the caller's to close. */
    IValue call(String method, IValue... arguments) {
        try {
            return IValueUtils.runMethod(block, method, arguments);
        } finally {
            close(arguments);
            Reference.reachabilityFence(model);
        }
    }

    /** Calls a method with a last argument that is only lent; the others are closed. */
    IValue callLending(IValue lent, String method, IValue... arguments) {
        try {
            IValue[] all = Arrays.copyOf(arguments, arguments.length + 1);
            all[arguments.length] = lent;
            return IValueUtils.runMethod(block, method, all);
        } finally {
            close(arguments);
            Reference.reachabilityFence(model);
        }
    }

    /** Calls a method that returns a tensor. */
    NDArray tensor(String method, IValue... arguments) {
        return tensor(call(method, arguments));
    }

    /** Takes the tensor out of a result and closes the result. */
    NDArray tensor(IValue result) {
        try (result) {
            if (!result.isTensor()) {
                throw new IllegalStateException(
                        "The model returned " + result.getType() + " where one tensor is expected");
            }
            return result.toTensor(manager);
        }
    }

    /** Takes the tensors out of a result and closes the result. */
    List<NDArray> tensors(IValue result) {
        try (result) {
            return Arrays.asList((NDArray[]) result.toTensorArray(manager));
        }
    }

    static IValue value(NDArray array) {
        return IValue.from((PtNDArray) array);
    }

    static IValue values(List<NDArray> arrays) {
        return IValue.listFrom(arrays.stream().map(PtNDArray.class::cast).toArray(PtNDArray[]::new));
    }

    static void close(IValue... values) {
        for (IValue value : values) {
            value.close();
        }
    }

    @Override
    public void close() {
        manager.close();
        model.close();
    }
}
