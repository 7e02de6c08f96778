package io.adacache.djl.shards;

import ai.djl.ndarray.NDArray;
import java.util.List;

/**
 * A hidden state or residual, divided among members.
 *
 * @param pieces what each holds, in the members' order; the first stands for all of it where one array is asked for
 * @param axis along what it is divided
 * @param geometry who holds what
 */
record Parts(List<NDArray> pieces, Axis axis, Geometry geometry) {
    NDArray piece(int member) {
        return pieces.get(member);
    }
}
