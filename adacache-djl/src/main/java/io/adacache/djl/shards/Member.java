package io.adacache.djl.shards;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.adacache.djl.engine.Context;
import io.adacache.djl.engine.Script;
import io.adacache.djl.engine.WrongResult;
import io.adacache.spi.TensorOps;
import java.util.List;

/**
 * A device that holds the whole model and a part of every hidden state. Members of one device share what is loaded there.
 *
 * @param device where it computes
 * @param model the model file
 * @param helpers {@code shards.pt}
 * @param ops tensor operations there
 */
public record Member(Device device, Script model, Script helpers, TensorOps<NDArray> ops) {
    /** Its part of an embedded call. The whole is freed by the caller. */
    Context part(Axis axis, Geometry geometry, int index, Context whole) {
        return model.context(
                "part",
                call -> call.add(axis.ordinal())
                        .add(geometry.first(axis, index))
                        .add(geometry.last(axis, index))
                        .add(whole.hidden())
                        .lend(whole),
                piece -> {
                    long tokens = geometry.part(axis, index).tokens();
                    if (piece.getShape().dimension() != 3 || piece.getShape().get(1) != tokens) {
                        throw new WrongResult("'part' returned a hidden state of shape " + piece.getShape() + " where "
                                + tokens + " tokens are expected");
                    }
                });
    }

    /** Runs sites on the piece that it holds. */
    List<NDArray> run(int first, int last, long[] capture, NDArray piece, Context context) {
        return model.tensors(
                "run",
                call -> call.add(first).add(last).list(capture).add(piece).lend(context),
                result -> check("run", piece, 1 + capture.length, result));
    }

    /** Runs a joint attention on the piece that it holds. */
    List<NDArray> runShared(int site, NDArray piece, NDArray shared, Context context) {
        return model.tensors(
                "run_shared",
                call -> call.add(site).add(piece).add(shared).lend(context),
                result -> check("run_shared", piece, 2, result));
    }

    private static void check(String method, NDArray piece, int expected, List<NDArray> result) {
        if (result.size() != expected
                || result.stream().anyMatch(one -> !one.getShape().equals(piece.getShape()))) {
            throw new WrongResult("'" + method + "' returned "
                    + result.stream().map(NDArray::getShape).toList() + " where " + expected + " tensors of shape "
                    + piece.getShape() + " are expected");
        }
    }

    /** What other members must know of its tokens in a joint attention. */
    NDArray share(int site, NDArray piece, Context context) {
        return model.tensor("share", call -> call.add(site).add(piece).lend(context));
    }

    /** What lies behind the prefix of its piece; shares its storage. */
    NDArray withoutPrefix(NDArray piece, int prefix) {
        return helpers.tensor("without_prefix", call -> call.add(piece).add(prefix));
    }

    NDArray modulated(int site, NDArray piece, Context context) {
        return model.tensor(
                "modulated",
                call -> call.add(site).add(piece).lend(context),
                result -> check("modulated", piece, 1, List.of(result)));
    }

    NDArray head(NDArray piece, Context context) {
        return model.tensor("head", call -> call.add(piece).lend(context));
    }

    /** Frees an array of its device, whichever script made it. */
    void free(NDArray array) {
        model.free(array);
    }

    /** Brings an array to this device; the same array if it is there already. */
    NDArray bring(NDArray array) {
        return array.getDevice().equals(device) ? array : model.gate().call(() -> array.toDevice(device, false));
    }
}
