package io.adacache.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * The calls of several guidance branches as one, branch after branch along the batch: over several devices each branch then has a device of
 * its own.
 */
final class TogetherCall {
    private static final String BATCH = "batch";
    private static final Set<String> LINES = Set.of("prompts", "conditions");

    private final Manifest manifest;
    private final List<NDList> branches;
    private final long rows;

    /** Throws {@link IllegalArgumentException} if the branches do not fit together; the message names the input. */
    TogetherCall(Manifest manifest, List<NDList> branches) {
        this.manifest = manifest;
        this.branches = branches;
        if (branches.isEmpty()) {
            throw new IllegalArgumentException("No branches to call");
        }
        int expected = manifest.inputs().size();
        branches.stream().filter(one -> one.size() != expected).findFirst().ifPresent(one -> {
            throw new IllegalArgumentException("The model takes " + expected + " inputs, but got " + one.size());
        });
        int latent = manifest.indexOf("latent");
        this.rows = branches.get(0).get(latent).getShape().get(0);
        branches.stream()
                .map(one -> one.get(latent).getShape())
                .filter(shape -> !shape.equals(branches.get(0).get(latent).getShape()))
                .findFirst()
                .ifPresent(shape -> {
                    throw new IllegalArgumentException("The branches' latents differ in shape: "
                            + branches.get(0).get(latent).getShape() + " and " + shape);
                });
    }

    /**
     * Makes the call.
     *
     * @param call given the inputs of all branches
     * @return of each branch the prediction, attached to the manager of its first input
     */
    List<NDList> run(Function<NDList, NDArray> call) {
        NDManager own = branches.get(0).get(0).getManager();
        try (NDManager scope = own.newSubManager()) {
            NDList all = new NDList();
            for (int i = 0; i < manifest.inputs().size(); i++) {
                all.add(together(i, scope));
            }
            NDArray predictions = call.apply(all);
            predictions.attach(scope);
            List<NDList> apart = new ArrayList<>();
            for (int b = 0; b < branches.size(); b++) {
                NDArray prediction = predictions.get(new NDIndex("{}:{}", b * rows, (b + 1) * rows));
                prediction.attach(branches.get(b).get(0).getManager());
                apart.add(new NDList(prediction));
            }
            return apart;
        }
    }

    private NDArray together(int input, NDManager scope) {
        Manifest.Input spec = manifest.inputs().get(input);
        List<NDArray> all = branches.stream().map(one -> one.get(input)).toList();
        NDArray first = all.get(0);
        String lines = spec.shape().isEmpty() ? "" : spec.shape().get(0);
        boolean own = lines.equals(BATCH) || LINES.contains(lines);
        boolean empty = first.getShape().size() == 0;
        if (!own || empty) {
            all.stream()
                    .filter(one -> one != first && !same(one, first))
                    .findFirst()
                    .ifPresent(one -> {
                        throw new IllegalArgumentException("The input '" + spec.name()
                                + "' differs between the branches, but the model has one for all rows of a call:"
                                + " call the branches one after the other");
                    });
            return first;
        }
        List<NDArray> rowed = new ArrayList<>();
        for (NDArray one : all) {
            checkAlike(spec, first, one);
            rowed.add(perRow(one, scope));
        }
        NDArray joined = NDArrays.concat(new NDList(rowed), 0);
        joined.attach(scope);
        return joined;
    }

    private static boolean same(NDArray a, NDArray b) {
        return a.getShape().equals(b.getShape())
                && a.getDataType() == b.getDataType()
                && (a.getShape().size() == 0 || a.contentEquals(b));
    }

    private static void checkAlike(Manifest.Input spec, NDArray first, NDArray one) {
        Shape a = first.getShape();
        Shape b = one.getShape();
        boolean alike = a.dimension() == b.dimension()
                && a.slice(1).equals(b.slice(1))
                && first.getDataType() == one.getDataType()
                && one.getDataType() != DataType.BFLOAT16;
        if (!alike) {
            throw new IllegalArgumentException("The input '" + spec.name() + "' is " + a + " " + first.getDataType()
                    + " in one branch and " + b + " " + one.getDataType()
                    + " in another: in one call they must be alike (pad the shorter text, and mask it)");
        }
    }

    /** Lines that a model repeats for all rows, repeated: of both branches together they would be others. */
    private NDArray perRow(NDArray lines, NDManager scope) {
        long count = lines.getShape().get(0);
        if (count >= rows || rows % count != 0) {
            return lines;
        }
        NDArray repeated = NDArrays.concat(new NDList(Collections.nCopies(Math.toIntExact(rows / count), lines)), 0);
        repeated.attach(scope);
        return repeated;
    }
}
