/** Models whose tensors are only a name, or only a size: sessions on them are thought through, not run. Not part of the API. */
@NullMarked
package io.adacache.replay;

import org.jspecify.annotations.NullMarked;
