package io.adacache.djl;

import ai.djl.ndarray.NDArray;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The sizes of a call's named dimensions. Reads shapes only. */
final class CallSizes {
    private CallSizes() {}

    /** Returns the sizes of inputs that fit the manifest, and those that the file has fixed. */
    static Map<String, Long> of(Manifest manifest, List<NDArray> inputs) {
        Map<String, Long> sizes = new HashMap<>();
        manifest.sizes().forEach((name, size) -> sizes.put(name, size.longValue()));
        for (int i = 0; i < inputs.size(); i++) {
            long[] shape = inputs.get(i).getShape().getShape();
            List<String> names = manifest.inputs().get(i).shape();
            for (int axis = 0; axis < shape.length && shape.length == names.size(); axis++) {
                if (!Manifest.isNumber(names.get(axis)) && shape[axis] > 0) {
                    sizes.put(names.get(axis), shape[axis]);
                }
            }
        }
        return sizes;
    }
}
