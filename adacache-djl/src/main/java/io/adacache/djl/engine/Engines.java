package io.adacache.djl.engine;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;

/** Starts the engine, and says what to do where it does not start or has not the device. */
public final class Engines {
    /** As DJL calls it. */
    public static final String NAME = "PyTorch";

    private Engines() {}

    /**
     * Starts the engine and looks for a device.
     *
     * @throws IllegalStateException if the engine does not start, or has no such device
     */
    public static void require(Device device) {
        Engine engine = start();
        if (device.isGpu()) {
            requireGpu(engine.hasCapability("CUDA"), engine.getGpuCount(), device);
        }
    }

    static void requireGpu(boolean cuda, int gpus, Device device) {
        if (!cuda) {
            throw new IllegalStateException(
                    "The device " + device + " was asked for, but the engine's natives are for the CPU only."
                            + " Put pytorch-native-cu... in the place of pytorch-native-cpu (docs/running.md), or use Device.cpu()");
        }
        if (device.getDeviceId() >= gpus) {
            throw new IllegalStateException("The device " + device + " was asked for, but the engine sees " + gpus
                    + " GPUs. Look at the driver (nvidia-smi) and at CUDA_VISIBLE_DEVICES");
        }
    }

    private static Engine start() {
        if (Boolean.getBoolean("ai.djl.pytorch.enable_cuda_stream")) {
            // DJL's side streams run forward without synchronising with anything else: results would be read before
            // they are there.
            throw new IllegalStateException(
                    "ai.djl.pytorch.enable_cuda_stream is on, which lets calls overtake each other; set it to false");
        }
        try {
            return Engine.getEngine(NAME);
        } catch (EngineException | LinkageError | IllegalArgumentException e) {
            throw new IllegalStateException(failure(e), e);
        }
    }

    /** Says why the engine does not start, and what to do about it. */
    static String failure(Throwable e) {
        StringBuilder all = new StringBuilder();
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            all.append(cause).append('\n');
        }
        String text = all.toString();
        String reason = "The PyTorch engine does not start: "
                + text.strip().lines().reduce((a, b) -> b).orElse("") + ". ";
        if (text.contains("already loaded in another classloader")) {
            return reason
                    + "A JVM loads the engine's natives once: put DJL's jars where both class loaders find them (the server's"
                    + " shared folder), or name a helper class there in ai.djl.pytorch.native_helper";
        }
        if (text.contains("AccessDenied") || text.contains("Read-only") || text.contains("extract")) {
            return reason
                    + "It unpacks its natives once: DJL_CACHE_DIR must name a folder that is writable, or filled beforehand"
                    + " (docs/running.md)";
        }
        return reason + "Are pytorch-jni and pytorch-native-... on the class path (docs/running.md)?";
    }
}
