package io.adacache.djl;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.adacache.djl.engine.WrongResult;
import io.adacache.layout.TokenGrid;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the methods of a model must return in one call, as its inputs' sizes and the manifest tell. Reads shapes, dtypes and devices
 * only, never a value.
 *
 * @param grid how the hidden state lies
 * @param prediction the prediction's sizes, -1 where any will do; null where nothing is known
 * @param dtype of the prediction, or null where any number with a fraction will do
 * @param device where all of it lies
 */
record Expected(
        TokenGrid grid,
        long @Nullable [] prediction,
        @Nullable DataType dtype,
        Device device) {

    /** The same of a hidden state that lies otherwise, on another device. */
    Expected part(TokenGrid other, Device where) {
        return new Expected(other, prediction, dtype, where);
    }

    /** Throws {@link WrongResult} if this is no prediction of the call. */
    void checkPrediction(String method, NDArray array) {
        checkFloating(method, array);
        if (prediction != null && !fits(prediction, array.getShape())) {
            throw wrong(method, "a prediction", array, "shape " + new Shape(prediction));
        }
        if (dtype != null && array.getDataType() != dtype) {
            throw wrong(method, "a prediction", array, dtype.name().toLowerCase(java.util.Locale.ROOT));
        }
    }

    private static boolean fits(long[] prediction, Shape shape) {
        long[] sizes = shape.getShape();
        boolean fits = sizes.length == prediction.length;
        for (int i = 0; fits && i < sizes.length; i++) {
            fits = prediction[i] == -1 || prediction[i] == sizes[i];
        }
        return fits;
    }

    /** Throws {@link WrongResult} if this is no hidden state of the call. */
    void checkHidden(String method, NDArray array) {
        checkFloating(method, array);
        Shape shape = new Shape(grid.rows(), grid.tokens(), grid.channels());
        if (!array.getShape().equals(shape)) {
            throw wrong(method, "a hidden state", array, "shape " + shape);
        }
    }

    /** Throws {@link WrongResult} if these are not the hidden state behind a span, and the residuals that were asked for. */
    void checkRun(NDArray hidden, int captured, List<NDArray> arrays) {
        if (arrays.size() != 1 + captured) {
            throw new WrongResult("'run' returned " + arrays.size() + " tensors where " + (1 + captured)
                    + " are expected: the hidden state and " + captured + " residuals");
        }
        arrays.forEach(array -> checkLike("run", hidden, array));
    }

    /** Throws {@link WrongResult} if the array is not of the hidden state's kind. */
    void checkLike(String method, NDArray hidden, NDArray array) {
        checkHidden(method, array);
        if (array.getDataType() != hidden.getDataType()) {
            throw wrong(method, "a tensor", array, "the hidden state's " + hidden.getDataType());
        }
    }

    private void checkFloating(String method, NDArray array) {
        DataType type = array.getDataType();
        // DJL does not know bf16 and calls it UNKNOWN.
        boolean floating = type.isFloating() || type == DataType.UNKNOWN;
        if (!floating || array.isSparse()) {
            throw wrong(method, "a tensor", array, "a dense tensor of floating point numbers");
        }
        if (!array.getDevice().equals(device)) {
            throw wrong(method, "a tensor", array, "one on " + device);
        }
    }

    private static WrongResult wrong(String method, String what, NDArray array, String expected) {
        return new WrongResult("'" + method + "' returned " + what + " of shape " + array.getShape() + ", "
                + array.getDataType() + ", on " + array.getDevice() + " where " + expected + " is expected");
    }
}
