/** Files that the program reads and writes: what it writes appears whole or not at all, and every fault names its file. */
@NullMarked
package io.adacache.bench.files;

import org.jspecify.annotations.NullMarked;
