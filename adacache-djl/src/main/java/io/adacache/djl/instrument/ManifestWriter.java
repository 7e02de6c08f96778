package io.adacache.djl.instrument;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.adacache.djl.Manifest;
import io.adacache.djl.Manifest.Input;
import io.adacache.djl.instrument.graph.Spine;
import io.adacache.layout.Layout;
import io.adacache.layout.Site;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Puts what was learned into a manifest. */
final class ManifestWriter {
    private static final String EXPORTER = "adacache-instrument";
    private static final String VERSION = "0.1.0";

    private final InstrumentOptions options;
    private final StartFacts facts;
    private final CallDimensions dimensions;

    ManifestWriter(InstrumentOptions options, StartFacts facts, CallDimensions dimensions) {
        this.options = options;
        this.facts = facts;
        this.dimensions = dimensions;
    }

    Manifest.Builder write(
            Spine spine,
            Weights weights,
            NDList inputs,
            long[] prediction,
            int channels,
            List<Site> sites,
            Map<String, Integer> fixed) {
        Manifest.Builder manifest = Manifest.builder()
                .named(options.family(), options.name(weights.rootName()))
                .exporter(EXPORTER, VERSION)
                .weights(weights.dtype(), weights.count())
                .hidden(channels, prefix())
                .patch(facts.patch()[0], facts.patch()[1], facts.patch()[2])
                .sizes(fixed)
                .prediction(prediction(prediction))
                .layout(Layout.of(sites))
                .guidance(options.guidance())
                .steps(options.steps());
        for (int i = 0; i < inputs.size(); i++) {
            String dtype = inputs.get(i).getDataType().name().toLowerCase(Locale.ROOT);
            List<String> shape = dimensions.shapes().get(i);
            manifest.input(new Input(spine.inputs().get(i), dimensions.roles().get(i), dtype, shape, false));
        }
        return manifest;
    }

    private String prefix() {
        return prefix(facts, dimensions);
    }

    /** Tokens in front of the first frame: a number, or the dimension that counts them. */
    static String prefix(StartFacts facts, CallDimensions dimensions) {
        long text = dimensions.sizes().getOrDefault("text", -1L);
        return facts.prefix() > 0 && facts.prefix() == text ? "text" : Integer.toString(facts.prefix());
    }

    private Manifest.Prediction prediction(long[] shape) {
        int channels = Integer.parseInt(latent().get(facts.axis("channels")));
        int at = facts.axis("channels") - missing(shape);
        long out = missing(shape) >= 0 && at >= 0 ? shape[at] : channels;
        return new Manifest.Prediction(options.predictionType(), sizes(shape), 0, (int) Math.min(out, channels));
    }

    /** Leading dimensions of the latent that a prediction lacks: 1 where forward hands back one sample; -1 if it is of another kind. */
    int missing(long[] shape) {
        int missing = latent().size() - shape.length;
        if (missing == 0) {
            return 0;
        }
        boolean sample = missing == 1;
        for (int i = 0; sample && i < shape.length; i++) {
            boolean channels = i + 1 == facts.axis("channels");
            sample = channels || dimensions.sizes().getOrDefault(latent().get(i + 1), -1L) == shape[i];
        }
        return sample ? 1 : -1;
    }

    private List<String> latent() {
        return dimensions.shapes().get(facts.latent());
    }

    /** A prediction's sizes: those that are the latent's by its names for them, numbers as text. */
    private List<String> sizes(long[] shape) {
        List<String> names = new ArrayList<>();
        int missing = missing(shape);
        for (int i = 0; i < shape.length; i++) {
            boolean named = missing >= 0
                    && i + missing != facts.axis("channels")
                    && dimensions.sizes().getOrDefault(latent().get(i + missing), -1L) == shape[i];
            names.add(named ? latent().get(i + missing) : Long.toString(shape[i]));
        }
        return names;
    }

    /** The shape that a prediction must have when one dimension changes, from that of the call as it is. */
    Shape predicted(Shape before, String dimension, long size) {
        List<String> names = sizes(before.getShape());
        long[] shape = before.getShape().clone();
        for (int i = 0; i < shape.length; i++) {
            shape[i] = names.get(i).equals(dimension) ? size : shape[i];
        }
        return new Shape(shape);
    }
}
