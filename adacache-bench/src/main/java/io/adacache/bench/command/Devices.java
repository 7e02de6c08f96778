package io.adacache.bench.command;

import ai.djl.Device;
import ai.djl.util.cuda.CudaUtils;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Devices by name. */
final class Devices {
    private static final Pattern GPU = Pattern.compile("(?:gpu|cuda)(?::?(\\d+))?");

    private Devices() {}

    /**
     * Returns the device: {@code cpu}, {@code gpu}, {@code gpu0}, {@code cuda:1}, ...
     *
     * @throws IllegalArgumentException if there is no device of that name
     */
    static Device parse(String name) {
        Device device = named(name);
        int index = device.getDeviceId();
        if (device.isGpu() && index >= CudaUtils.getGpuCount()) {
            throw new IllegalArgumentException("There is no device '" + name + "': " + CudaUtils.getGpuCount()
                    + " CUDA devices are visible (the engine looks for libcudart on the library path)");
        }
        return device;
    }

    /** Returns the device of that name, whether it is there or not. Throws as {@link #parse} for what is no name. */
    static Device named(String name) {
        if (name.equals("cpu")) {
            return Device.cpu();
        }
        Matcher gpu = GPU.matcher(name);
        if (!gpu.matches()) {
            throw new IllegalArgumentException("Unknown device '" + name + "'; write cpu, gpu or gpu:1");
        }
        return Device.gpu(gpu.group(1) == null ? 0 : Integer.parseInt(gpu.group(1)));
    }
}
