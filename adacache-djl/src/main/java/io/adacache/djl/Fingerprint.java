package io.adacache.djl;

import ai.djl.ndarray.NDArray;
import io.adacache.metric.Metric;
import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** Tells whether two calls were given the same latent and noise level, by what these add up to. */
final class Fingerprint {
    private Fingerprint() {}

    /** Returns empty where a sum is no number: that is like nothing else, also not like itself. */
    static OptionalLong of(NDArrayOps ops, NDArray latent, NDArray timestep) {
        double[] both = new double[] {total(ops, latent), total(ops, timestep)};
        return Double.isFinite(both[0]) && Double.isFinite(both[1])
                ? OptionalLong.of(Arrays.hashCode(both))
                : OptionalLong.empty();
    }

    /** The mean noise level of a call's rows; empty where it is no number. */
    static OptionalDouble level(NDArrayOps ops, NDArray timestep) {
        double level = total(ops, timestep) / Math.max(1, timestep.size());
        return Double.isFinite(level) ? OptionalDouble.of(level) : OptionalDouble.empty();
    }

    private static double total(NDArrayOps ops, NDArray array) {
        return ops.distance(Metric.L1, array, array).total()[1];
    }
}
