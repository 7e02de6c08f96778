/** The policy interface and the policies: numbers in, decisions out. */
@NullMarked
package io.adacache.policy;

import org.jspecify.annotations.NullMarked;
