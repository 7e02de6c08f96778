package io.adacache.djl.instrument;

import ai.djl.ndarray.NDList;
import io.adacache.djl.InputSpec;
import io.adacache.djl.Manifest;
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
            manifest.input(
                    new InputSpec(spine.inputs().get(i), dimensions.roles().get(i), dtype, shape, false));
        }
        return manifest;
    }

    private String prefix() {
        long text = dimensions.sizes().getOrDefault("text", -1L);
        return facts.prefix() > 0 && facts.prefix() == text ? "text" : Integer.toString(facts.prefix());
    }

    private Manifest.Prediction prediction(long[] shape) {
        List<String> latent = dimensions.shapes().get(facts.latent());
        int channelAxis = facts.axis("channels");
        List<String> names = new ArrayList<>();
        for (int i = 0; i < shape.length; i++) {
            boolean named = shape.length == latent.size()
                    && i != channelAxis
                    && dimensions.sizes().getOrDefault(latent.get(i), -1L) == shape[i];
            names.add(named ? latent.get(i) : Long.toString(shape[i]));
        }
        int channels = Integer.parseInt(latent.get(channelAxis));
        long out = shape.length == latent.size() ? shape[channelAxis] : channels;
        return new Manifest.Prediction(options.predictionType(), names, 0, (int) Math.min(out, channels));
    }
}
