/** Rectified flow from noise to a latent, in plain Java: timesteps, guidance, kept frames. */
@NullMarked
package io.adacache.bench.sampler;

import org.jspecify.annotations.NullMarked;
