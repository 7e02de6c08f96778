package io.adacache.djl.instrument;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A TorchScript file in libtorch, on the CPU. Owns native memory; belongs to one thread. */
final class NativeModel implements AutoCloseable {
    private final Model model;
    private final PtSymbolBlock block;
    private final NDManager manager;

    private NativeModel(Model model) {
        this.model = model;
        this.block = (PtSymbolBlock) model.getBlock();
        this.manager = model.getNDManager().newSubManager();
    }

    /**
     * Loads a file.
     *
     * @throws InstrumentException if libtorch refuses it
     */
    static NativeModel load(Path file) throws IOException {
        Model model = Model.newInstance("instrument", Device.cpu(), "PyTorch");
        try {
            model.load(file.toAbsolutePath().getParent(), file.getFileName().toString(), Map.of("mapLocation", "true"));
            return new NativeModel(model);
        } catch (MalformedModelException | EngineException e) {
            model.close();
            throw new InstrumentException("libtorch does not load the file: " + firstLines(e), e);
        } catch (IOException | RuntimeException e) {
            model.close();
            throw e;
        }
    }

    NDManager manager() {
        return manager;
    }

    /** Calls a method with tensors. */
    NDList call(String method, NDList inputs) {
        List<IValue> arguments = new ArrayList<>();
        inputs.forEach(a -> arguments.add(IValue.from((PtNDArray) a)));
        return tensors(method, arguments);
    }

    /** The hidden state and, held as one value, the context. */
    record Embedded(NDArray hidden, IValue context) implements AutoCloseable {
        @Override
        public void close() {
            hidden.close();
            context.close();
        }
    }

    Embedded embed(NDList inputs) {
        List<IValue> arguments = new ArrayList<>();
        inputs.forEach(a -> arguments.add(IValue.from((PtNDArray) a)));
        IValue result = invoke("embed", arguments);
        arguments.forEach(IValue::close);
        try (IValue whole = result) {
            IValue[] parts = whole.toIValueTuple();
            NDArray hidden = parts[0].toTensor((ai.djl.pytorch.engine.PtNDManager) manager);
            parts[0].close();
            return new Embedded(hidden, parts[1]);
        }
    }

    NDList run(long first, long last, long[] capture, NDArray hidden, IValue context) {
        List<IValue> own = List.of(
                IValue.from(first), IValue.from(last), IValue.listFrom(capture), IValue.from((PtNDArray) hidden));
        List<IValue> arguments = new ArrayList<>(own);
        arguments.add(context);
        NDList result = list(invoke("run", arguments));
        own.forEach(IValue::close);
        return result;
    }

    NDArray modulated(long site, NDArray hidden, IValue context) {
        IValue s = IValue.from(site);
        IValue h = IValue.from((PtNDArray) hidden);
        NDArray result = list(invoke("modulated", List.of(s, h, context))).singletonOrThrow();
        s.close();
        h.close();
        return result;
    }

    NDArray head(NDArray hidden, IValue context) {
        IValue h = IValue.from((PtNDArray) hidden);
        NDArray result = list(invoke("head", List.of(h, context))).singletonOrThrow();
        h.close();
        return result;
    }

    /** The contract's state at a cut from the raw one. */
    NDArray close(long at, NDList state, IValue context) {
        IValue a = IValue.from(at);
        PtNDArray[] arrays = state.stream().map(PtNDArray.class::cast).toArray(PtNDArray[]::new);
        IValue s = IValue.listFrom(arrays);
        NDArray result = list(invoke("adacache_close", List.of(a, s, context))).singletonOrThrow();
        a.close();
        s.close();
        return result;
    }

    private NDList tensors(String method, List<IValue> arguments) {
        NDList result = list(invoke(method, arguments));
        arguments.forEach(IValue::close);
        return result;
    }

    private NDList list(IValue value) {
        try (IValue whole = value) {
            return whole.toNDList((ai.djl.pytorch.engine.PtNDManager) manager);
        }
    }

    private IValue invoke(String method, List<IValue> arguments) {
        try {
            return IValueUtils.runMethod(block, method, arguments.toArray(new IValue[0]));
        } catch (EngineException e) {
            throw new InstrumentException(method + " fails: " + firstLines(e), e);
        }
    }

    static String firstLines(Throwable e) {
        String text = String.valueOf(e.getMessage()).strip();
        int error = text.lastIndexOf("RuntimeError:");
        if (error >= 0) {
            text = text.substring(error);
        }
        String[] lines = text.split("\n");
        String shown = String.join(" / ", List.of(lines).subList(0, Math.min(3, lines.length)));
        return shown.length() > 400 ? shown.substring(0, 400) + "..." : shown;
    }

    @Override
    public void close() {
        manager.close();
        model.close();
    }
}
