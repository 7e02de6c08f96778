/** The arithmetic of a calibration: free settings, what recordings promise of them, what real runs make of the promise. Not part of the API. */
@NullMarked
package io.adacache.calibrate;

import org.jspecify.annotations.NullMarked;
