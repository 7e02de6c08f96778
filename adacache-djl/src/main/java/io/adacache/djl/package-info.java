/** Caching for TorchScript transformers on DJL's PyTorch engine: load a model file, begin sessions, replace a predictor. */
@NullMarked
package io.adacache.djl;

import org.jspecify.annotations.NullMarked;
