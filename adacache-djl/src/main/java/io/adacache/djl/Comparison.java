package io.adacache.djl;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.adacache.layout.ResidualKind;
import io.adacache.layout.Site;
import io.adacache.layout.Span;
import io.adacache.spi.Transformer.Embedded;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * One cheap comparison of a model's cut methods with its forward, on made-up inputs of the smallest size: a manifest that names a
 * site too few or too many, or methods that do something else than forward, would give wrong videos without a word.
 */
final class Comparison implements AutoCloseable {
    /** Largest difference over largest magnitude, where equal programs need not give equal bits. */
    private static final Map<String, Double> LOOSE =
            Map.of("float64", 1e-5, "float32", 1e-5, "float16", 1e-2, "bfloat16", 5e-2);

    private static final String ADVICE = ". Export the checkpoint again, or instrument the traced file again";

    private final TorchScriptTransformer model;
    private final NDManager manager;
    private final NDList inputs;
    private final List<NDArray> made = new ArrayList<>();
    private final Span stack;

    private Comparison(TorchScriptTransformer model, Map<String, Long> sizes) {
        this.model = model;
        this.manager = model.newManager();
        this.inputs = MadeUpInputs.of(model.manifest(), sizes, manager);
        this.stack = model.layout().stack();
    }

    /** Compares as far as the checks ask for it, and says in words for people what came out. Throws as {@link #of}. */
    static String words(TorchScriptTransformer model, TorchScriptTransformer.Checks checks) {
        if (model.layout().sites().isEmpty()) {
            return "nothing to compare: the file is opaque";
        }
        return checks == TorchScriptTransformer.Checks.ALL ? of(model) : "not compared";
    }

    /**
     * Compares, and says what came out in words for people.
     *
     * @throws ModelFileException if the methods do not do what forward does
     */
    static String of(TorchScriptTransformer model) {
        try (Comparison comparison = new Comparison(model, MadeUpInputs.small(model.manifest()))) {
            model.check(comparison.inputs);
            float[] expected;
            try {
                expected = comparison.forward();
            } catch (EngineException | IllegalArgumentException e) {
                return "not compared with forward, which does not take made-up inputs: " + e.getMessage();
            }
            for (float value : expected) {
                if (!Float.isFinite(value)) {
                    return "not compared with forward, whose prediction for made-up inputs is not finite";
                }
            }
            return comparison.compare(expected);
        }
    }

    /**
     * Compares a call of two rows whose rows are divided among devices with the same call on one: a model that mixes rows, as one that
     * adds the branches of guidance itself, would give wrong videos without a word.
     *
     * @throws ModelFileException if a row depends on another
     */
    static void ofRows(TorchScriptTransformer alone, TorchScriptTransformer divided) {
        Map<String, Long> sizes = MadeUpInputs.small(alone.manifest());
        sizes.put("batch", 2L);
        try (Comparison comparison = new Comparison(alone, sizes)) {
            float[] expected;
            try {
                expected = comparison.forward();
            } catch (EngineException | IllegalArgumentException e) {
                return; // It does not take made-up inputs.
            }
            NDArray parts = divided.forward(comparison.inputs);
            double difference;
            try {
                difference = difference(comparison.values(parts), expected);
            } finally {
                divided.ops().release(parts);
            }
            if (difference > LOOSE.getOrDefault(alone.manifest().dtype(), 0.0)) {
                throw new ModelFileException(alone.name()
                        + ": a row of its prediction depends on other rows of the call (does it add the branches of guidance itself?), so"
                        + " that rows cannot be divided among devices: divide frames, or load it on one device");
            }
        }
    }

    private NDArray own(NDArray array) {
        made.add(array);
        return array;
    }

    private List<NDArray> own(List<NDArray> arrays) {
        made.addAll(arrays);
        return arrays;
    }

    private float[] values(NDArray array) {
        NDArray wide = model.ops.toFloat32(array);
        // Reading one that is not contiguous makes a copy beside it.
        wide.attach(manager);
        return wide.toFloatArray();
    }

    private float[] forward() {
        return values(own(model.forward(inputs)));
    }

    private String compare(float[] expected) {
        List<float[]> before = inputs.stream().map(this::values).toList();
        try (Embedded<NDArray> context = model.embed(inputs)) {
            NDArray hidden = own(context.hidden());
            NDArray end = own(model.run(stack, new int[] {stack.last() - 1}, hidden, context))
                    .get(0);
            double difference = difference(values(own(model.head(end, context))), expected);
            if (difference > allowed()) {
                throw wrong(String.format(
                        java.util.Locale.ROOT,
                        "embed, run of its %d sites and head give another prediction than forward (%.2g of its largest"
                                + " value): sites are missing in the manifest or in run",
                        stack.last(),
                        difference));
            }
            checkNothingBehind(end, context);
            modulated(hidden, context);
            if (Embeddings.again(model.manifest())) {
                embedAgain(context);
            }
            return difference == 0 ? "as forward, bit for bit" : "as forward, within " + difference;
        } catch (EngineException | IllegalArgumentException e) {
            throw new ModelFileException(
                    model.name() + ": forward takes made-up inputs, its cut methods do not: " + e.getMessage() + ADVICE,
                    e);
        } finally {
            checkUnchanged(before);
        }
    }

    private void checkUnchanged(List<float[]> before) {
        for (int i = 0; i < before.size(); i++) {
            if (!Arrays.equals(before.get(i), values(inputs.get(i)))) {
                throw wrong("a method changes input '"
                        + model.manifest().inputs().get(i).name() + "' in place, which belongs to the caller");
            }
        }
    }

    /** A site that the manifest does not name would never be computed. */
    private void checkNothingBehind(NDArray end, Embedded<NDArray> context) {
        NDArray behind;
        try {
            behind = own(model.run(new Span(stack.last(), stack.last() + 1), new int[0], end, context))
                    .get(0);
        } catch (EngineException | IllegalArgumentException | ModelFileException e) {
            return; // as it should be
        }
        if (!Arrays.equals(values(behind), values(end))) {
            throw wrong("run knows a site behind the " + stack.last() + " that the manifest names");
        }
    }

    private void modulated(NDArray hidden, Embedded<NDArray> context) {
        for (Site site : model.layout().sites()) {
            if (site.kind().isSelfAttention() || site.kind() == ResidualKind.MLP) {
                own(model.modulated(site.index(), hidden, context));
            }
        }
    }

    /** What is kept from the first call of a branch must give every later one what it would give itself. */
    private void embedAgain(Embedded<NDArray> before) {
        NDList later = new NDList();
        for (int i = 0; i < inputs.size(); i++) {
            boolean changing = SteadyInputs.isChanging(model.manifest().inputs().get(i));
            later.add(changing ? inputs.get(i).add(1) : inputs.get(i));
        }
        float[] expected = values(own(model.forward(later)));
        try (Embedded<NDArray> context = model.embeddings.embedAgain(later, before)) {
            NDArray end = own(model.run(stack, new int[0], own(context.hidden()), context))
                    .get(0);
            if (difference(values(own(model.head(end, context))), expected) > allowed()) {
                throw wrong("embed_again gives another prediction than embed: it takes from an earlier call what"
                        + " depends on the latent or the timestep");
            }
        }
    }

    private double allowed() {
        String dtype = model.manifest().dtype();
        boolean exact = model.device().equals(Device.cpu()) && dtype.equals("float32");
        return exact ? 0 : LOOSE.getOrDefault(dtype, 0.0);
    }

    private static double difference(float[] actual, float[] expected) {
        double largest = 0;
        double difference = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            double apart = Math.abs(actual[i] - expected[i]);
            difference = Double.isNaN(apart) ? Double.POSITIVE_INFINITY : Math.max(difference, apart);
        }
        return difference == 0 ? 0 : difference / Math.max(largest, Float.MIN_NORMAL);
    }

    private ModelFileException wrong(String what) {
        return new ModelFileException(model.name() + ": " + what + ADVICE);
    }

    @Override
    public void close() {
        made.forEach(model.ops()::release);
        manager.close();
    }
}
