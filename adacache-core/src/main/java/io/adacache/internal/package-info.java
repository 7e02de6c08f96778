/** The class that runs a step and what it needs. Not part of the API. */
@NullMarked
package io.adacache.internal;

import org.jspecify.annotations.NullMarked;
