/**
 * Conformance kits and hand-written fakes, published in the test jar.
 *
 * <p>An engine extends {@link io.adacache.testkit.TensorOpsKit}, {@link io.adacache.testkit.TransformerKit} and
 * {@link io.adacache.testkit.SessionKit} and says how its tensors are made and read; a policy extends
 * {@link io.adacache.testkit.CachePolicyKit}.
 */
@NullMarked
package io.adacache.testkit;

import org.jspecify.annotations.NullMarked;
