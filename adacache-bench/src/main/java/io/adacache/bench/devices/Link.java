package io.adacache.bench.devices;

/**
 * What connects devices.
 *
 * @param name for people
 * @param bytesPerSecond what a device can send while it receives as much
 * @param latency seconds before the first byte of a transfer arrives
 */
public record Link(String name, double bytesPerSecond, double latency) {
    /** Returns the seconds of a transfer in which a device receives so many bytes; none at all for none. */
    double seconds(double bytes) {
        return bytes == 0 ? 0 : latency + bytes / bytesPerSecond;
    }
}
