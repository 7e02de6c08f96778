package io.adacache.bench.devices;

import io.adacache.Footprint;
import io.adacache.layout.Layout;
import io.adacache.layout.ResidualKind;
import io.adacache.layout.Site;

/**
 * How many bytes cross between devices that share a call, by the formulas that the library's own count is held against: M bytes of
 * hidden state, k devices.
 *
 * <p>Around each run of temporal attention the division is switched twice, M (k - 1) / k bytes each time (dynamic sequence
 * parallelism). A joint attention gathers keys and values at every device, 2 M (k - 1) bytes. The prediction is gathered at one.
 *
 * @param switches how often the division is switched in a computed call
 * @param joint how many joint attentions there are
 * @param hidden bytes of the whole hidden state
 * @param prediction bytes of the whole prediction
 */
public record Volume(int switches, int joint, long hidden, long prediction) {
    /** Returns the volume of a model's calls. */
    public static Volume of(Layout layout, Footprint.Sizes sizes) {
        int switches = 0;
        boolean turned = false;
        for (Site site : layout.sites()) {
            boolean wantsPlaces = site.kind() == ResidualKind.TEMPORAL_ATTENTION;
            boolean wantsFrames = site.kind() == ResidualKind.SPATIAL_ATTENTION;
            if (wantsPlaces != turned && (wantsPlaces || wantsFrames)) {
                turned = wantsPlaces;
                switches++;
            }
        }
        // Between calls the hidden state is divided by frames.
        switches += turned ? 1 : 0;
        return new Volume(
                switches,
                layout.sitesOf(ResidualKind.JOINT_ATTENTION).size(),
                sizes.activationBytes(),
                sizes.predictionBytes());
    }

    /** Returns the bytes that cross in a computed call, all devices together. */
    public double computed(int devices) {
        return switchOf(devices) * switches + keysAndValuesOf(devices) * joint + reused(devices);
    }

    /** Returns the bytes that cross in a reused call: those of the prediction. */
    public double reused(int devices) {
        return prediction * (devices - 1.0) / devices;
    }

    private double switchOf(int devices) {
        return hidden * (devices - 1.0) / devices;
    }

    private double keysAndValuesOf(int devices) {
        return 2.0 * hidden * (devices - 1);
    }

    /** Returns the seconds that a computed call spends on it: what one device receives, one transfer after another. */
    double computedSeconds(int devices, Link link) {
        return switches * link.seconds(switchOf(devices) / devices)
                + joint * link.seconds(keysAndValuesOf(devices) / devices)
                + reusedSeconds(devices, link);
    }

    /** Returns the seconds that a reused call spends on it: the first device receives what the others predict. */
    double reusedSeconds(int devices, Link link) {
        return link.seconds(reused(devices));
    }
}
