package io.adacache.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Gives a prediction to the manager of the first input: it is that manager's then, or it is freed, and nothing in between. */
final class HandOver {
    private HandOver() {}

    /** Throws {@link IllegalStateException} if the manager was closed during the call; the prediction is freed. */
    static NDArray of(String model, NDArray prediction, List<NDArray> inputs) {
        NDManager manager = inputs.get(0).getManager();
        boolean attached = false;
        try {
            prediction.attach(manager);
            // A manager that is being closed by another thread frees what it sees; what came later nobody would free.
            attached = manager.isOpen();
        } catch (IllegalStateException closed) {
            throw lost(model, closed);
        } finally {
            if (!attached) {
                prediction.close();
            }
        }
        if (!attached) {
            throw lost(model, null);
        }
        return prediction;
    }

    private static IllegalStateException lost(String model, @Nullable Throwable cause) {
        return new IllegalStateException(
                model + ": the manager of the first input was closed during the call; the prediction was freed."
                        + " Close it when the call has returned",
                cause);
    }
}
