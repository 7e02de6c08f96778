/** Strict, bounded reading of a manifest's JSON into plain values, and writing it; knows no field by name. */
@NullMarked
package io.adacache.djl.manifest;

import org.jspecify.annotations.NullMarked;
