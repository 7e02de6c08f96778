package io.adacache.bench.command;

import ai.djl.Device;
import ai.djl.util.cuda.CudaUtils;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Devices by name. */
final class Devices {
    private static final Pattern GPU = Pattern.compile("(?:gpu|cuda)(?::?(\\d+))?");

    private Devices() {}

    /**
     * Returns the devices that share a generation.
     *
     * @param names separated by commas
     * @param members how many share the one device that is named, or null for one on each
     * @throws IllegalArgumentException if there is no device of a name, or both several names and members are given
     */
    static List<Device> list(String names, @Nullable Integer members) {
        String[] each = names.split(",", -1);
        OptionRules.noHole("--device", names, each);
        List<Device> devices = Stream.of(each).map(name -> parse(name.strip())).toList();
        if (members == null) {
            return devices;
        }
        if (devices.size() > 1) {
            throw new IllegalArgumentException("--device names " + devices.size()
                    + " devices, one for each member; leave out --shards, or name one device");
        }
        return Collections.nCopies(Ranges.check("--shards", members, Ranges.COUNT), devices.get(0));
    }

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
