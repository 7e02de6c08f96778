package io.adacache;

import io.adacache.layout.Layout;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Generation;
import io.adacache.spi.TensorOps.Storage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bytes that a session may know at any moment, and the form of its policy that keeps to them.
 *
 * @param most bytes
 * @param sizes of the generation's tensors
 */
record ByteLimit(long most, Footprint.Sizes sizes) {
    private static final Logger LOG = LoggerFactory.getLogger(CacheSession.class);

    /**
     * Returns the policy, or a lighter form of it that decides the same steps.
     *
     * @throws IllegalArgumentException if none of them keeps to the limit; the message says what each would take
     */
    CachePolicy fitting(CachePolicy policy, Layout layout, Generation generation, Storage storage) {
        List<String> tried = new ArrayList<>();
        Optional<CachePolicy> form = Optional.of(policy);
        while (form.isPresent()) {
            CachePolicy one = form.get();
            long peak =
                    Footprint.predict(one, layout, generation, sizes, storage).bytesPeak();
            if (peak <= most) {
                if (one != policy) {
                    LOG.info("'{}' would take more than {} bytes: the session takes '{}'", policy, most, one);
                }
                return one;
            }
            tried.add("'" + one.name() + "' " + peak);
            form = one.lighter();
        }
        throw new IllegalArgumentException(
                "This session may take " + most + " bytes, and takes at its peak, by policy: "
                        + String.join(", ", tried)
                        + ". Allow more, store what is kept in less (keepAs), generate fewer rows or a smaller video"
                        + " at a time, or take a policy that keeps less: none keeps nothing, adacache-plus a few predictions");
    }
}
