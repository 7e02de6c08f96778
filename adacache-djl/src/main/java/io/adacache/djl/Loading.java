package io.adacache.djl;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import io.adacache.djl.engine.Gate;
import io.adacache.djl.engine.Script;
import io.adacache.djl.engine.WrongResult;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Supplier;

/** Says in plain words what is wrong with a file that does not load, or does not keep its contract when it runs. */
final class Loading {
    /** What a model's own code raises for inputs that it does not take. */
    private static final String VALUE_ERROR = "builtins.ValueError: ";

    private Loading() {}

    static Script script(Gate gate, Path file, Device device) {
        try {
            return Script.load(gate, file, device);
        } catch (EngineException e) {
            throw new ModelFileException(
                    file + " cannot be loaded by the PyTorch engine: " + e.getMessage()
                            + ". It may be truncated, or made by a newer torch than this engine's libtorch reads",
                    e);
        } catch (UncheckedIOException e) {
            throw new ModelFileException(
                    file + " cannot be read: "
                            + Objects.requireNonNullElse(e.getCause(), e).getMessage(),
                    e);
        }
    }

    /** Says what is wrong with the file where a method does not return what the contract says. */
    static <R> R kept(String model, Supplier<R> work) {
        try {
            return work.get();
        } catch (WrongResult e) {
            throw new ModelFileException(
                    model + ": " + e.getMessage() + ". The file does not keep the contract of docs/model-file.md", e);
        }
    }

    /** As {@link #kept}, of a method that is given the inputs: where the file's own code refuses them, they are what is wrong. */
    static <R> R taken(String model, Supplier<R> work) {
        try {
            return kept(model, work);
        } catch (EngineException e) {
            String message = String.valueOf(e.getMessage());
            int refused = message.indexOf(VALUE_ERROR);
            if (refused < 0) {
                throw e;
            }
            throw new IllegalArgumentException(
                    model + " refuses these inputs: " + message.substring(refused + VALUE_ERROR.length()), e);
        }
    }
}
