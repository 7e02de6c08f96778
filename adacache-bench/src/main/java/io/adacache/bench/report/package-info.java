/** Results as JSON, text and HTML. */
@NullMarked
package io.adacache.bench.report;

import org.jspecify.annotations.NullMarked;
