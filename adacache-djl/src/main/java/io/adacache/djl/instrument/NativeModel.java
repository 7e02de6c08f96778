package io.adacache.djl.instrument;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.adacache.djl.engine.Arguments;
import io.adacache.djl.engine.Context;
import io.adacache.djl.engine.Gate;
import io.adacache.djl.engine.Script;
import io.adacache.djl.engine.WrongResult;
import io.adacache.djl.instrument.graph.Remedy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** What the instrumenter asks of a file in libtorch, on the CPU; whatever fails is an {@link InstrumentException}. Owned until closed. */
final class NativeModel implements AutoCloseable {
    static final String INTERRUPTED = "interrupted; nothing was written";

    private final Script script;

    private NativeModel(Script script) {
        this.script = script;
    }

    /**
     * Loads a file.
     *
     * @throws InstrumentException if libtorch refuses it
     */
    static NativeModel load(Path file) throws IOException {
        if (Thread.currentThread().isInterrupted()) {
            throw new InstrumentException(INTERRUPTED);
        }
        Gate gate = Gate.open("instrument");
        boolean loaded = false;
        try {
            NativeModel model = new NativeModel(Script.load(gate, file, Device.cpu()));
            loaded = true;
            return model;
        } catch (EngineException e) {
            throw new InstrumentException("libtorch does not load the file: " + e.getMessage(), e);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } finally {
            if (!loaded) {
                gate.close(() -> {});
            }
        }
    }

    NDManager manager() {
        return script.manager();
    }

    /** Calls a method with tensors. */
    NDList call(String method, NDList inputs) {
        return asked(() -> script.values(method, arguments -> arguments.addAll(inputs)));
    }

    /**
     * Calls forward as it is: what it cannot compute is no fault of what is written.
     *
     * @throws InstrumentException if it fails
     */
    void checkForward(NDList inputs) {
        try {
            call("forward", inputs).close();
        } catch (InstrumentException e) {
            throw new InstrumentException(
                    Remedy.INPUTS.behind("forward itself fails with these inputs: " + e.getMessage()), e);
        }
    }

    /** The hidden state and, held as one value, the context. */
    record Embedded(Context context) implements AutoCloseable {
        NDArray hidden() {
            return context.hidden();
        }

        @Override
        public void close() {
            hidden().close();
            context.close();
        }
    }

    Embedded embed(NDList inputs) {
        return new Embedded(asked(() -> script.context("embed", arguments -> arguments.addAll(inputs), any -> {})));
    }

    NDList run(long first, long last, long[] capture, NDArray hidden, Context context) {
        return asked(() -> script.values(
                "run",
                arguments ->
                        arguments.add(first).add(last).list(capture).add(hidden).lend(context)));
    }

    NDArray modulated(long site, NDArray hidden, Context context) {
        return one("modulated", arguments -> arguments.add(site).add(hidden).lend(context));
    }

    NDArray head(NDArray hidden, Context context) {
        return one("head", arguments -> arguments.add(hidden).lend(context));
    }

    /** What a site whose attention can be shared has to say of its tokens. */
    NDArray keys(long site, NDArray hidden, Context context) {
        return one("adacache_keys", arguments -> arguments.add(site).add(hidden).lend(context));
    }

    /** The contract's state at a cut from the raw one. */
    NDArray close(long at, NDList state, Context context) {
        return one("adacache_close", arguments -> arguments.add(at).list(state).lend(context));
    }

    private NDArray one(String method, Consumer<Arguments> fill) {
        return asked(() -> script.tensor(method, fill));
    }

    private static <R> R asked(Supplier<R> call) {
        if (Thread.currentThread().isInterrupted()) {
            throw new InstrumentException(INTERRUPTED);
        }
        try {
            return call.get();
        } catch (EngineException | WrongResult e) {
            throw new InstrumentException(e);
        }
    }

    @Override
    public void close() {
        script.gate().close(script::free);
    }
}
