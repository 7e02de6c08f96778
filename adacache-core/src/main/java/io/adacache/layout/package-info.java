/** Sites, spans and layouts: where a model adds residuals to its hidden state. */
@NullMarked
package io.adacache.layout;

import org.jspecify.annotations.NullMarked;
