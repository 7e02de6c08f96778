/** From a prompt to a clip: tokens, model inputs, denoising loop, pictures. */
@NullMarked
package io.adacache.bench.pipeline;

import org.jspecify.annotations.NullMarked;
