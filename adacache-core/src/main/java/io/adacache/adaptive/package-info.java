/** AdaCache's insides: its settings, its schedule of rates. Not part of the API. */
@NullMarked
package io.adacache.adaptive;

import org.jspecify.annotations.NullMarked;
