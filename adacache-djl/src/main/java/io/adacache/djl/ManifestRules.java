package io.adacache.djl;

import io.adacache.djl.manifest.Fields;
import io.adacache.layout.ResidualKind;
import io.adacache.layout.Site;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** What must hold between a manifest's fields, each of which is right for itself. */
final class ManifestRules {
    private static final List<String> NEEDED = List.of("batch", "frames", "height", "width");

    private final Fields json;
    private final Manifest.Builder values;
    private final Set<String> dimensions = new HashSet<>();

    private ManifestRules(Fields json, Manifest.Builder values) {
        this.json = json;
        this.values = values;
        values.inputs.forEach(input -> dimensions.addAll(input.shape()));
        dimensions.addAll(values.sizes.keySet());
    }

    static void check(Fields json, Manifest.Builder values) {
        ManifestRules rules = new ManifestRules(json, values);
        rules.inputs();
        rules.dimensions();
        rules.prediction();
        rules.sites();
    }

    private void inputs() {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < values.inputs.size(); i++) {
            if (!names.add(values.inputs.get(i).name())) {
                throw json.objects("inputs").get(i).wrong("name", "a name that no other input has");
            }
        }
        long latents = values.inputs.stream()
                .filter(input -> input.role().equals("latent"))
                .count();
        if (latents != 1) {
            throw json.wrong("inputs", "exactly one input with the role latent, not " + latents);
        }
        Manifest.Input latent = values.inputs.get(values.indexOf("latent"));
        Fields fields = json.objects("inputs").get(values.indexOf("latent"));
        if (latent.optional()) {
            throw fields.wrong("optional", "false: there is always a latent");
        }
        if (!latent.dtype().startsWith("float")) {
            throw fields.wrong("dtype", "a floating-point dtype for the latent");
        }
        if (channelAxes(latent.shape()).length != 1) {
            throw fields.wrong("shape", "exactly one number in the latent's shape: its channels");
        }
    }

    private static int[] channelAxes(List<String> shape) {
        return IntStream.range(0, shape.size())
                .filter(axis -> Manifest.isNumber(shape.get(axis)))
                .toArray();
    }

    private void dimensions() {
        for (String name : NEEDED) {
            if (!dimensions.contains(name)) {
                throw json.wrong("inputs", "the dimension " + name + " in the shape of an input, or in sizes");
            }
        }
        if (!Manifest.isNumber(values.prefix) && !dimensions.contains(values.prefix)) {
            throw json.object("hidden").wrong("prefix", "a number, or a dimension of an input");
        }
        for (String size : values.prediction.shape()) {
            if (!Manifest.isNumber(size) && !dimensions.contains(size)) {
                throw json.object("prediction").wrong("shape", "numbers, and dimensions of inputs");
            }
        }
    }

    private void prediction() {
        Fields fields = json.object("prediction");
        Manifest.Prediction prediction = values.prediction;
        List<String> latent = values.inputs.get(values.indexOf("latent")).shape();
        int axis = channelAxes(latent)[0];
        int channels = Integer.parseInt(latent.get(axis));
        if (prediction.firstChannel() >= prediction.lastChannel()) {
            throw fields.wrong("channels", "the first channel, and a greater number: the one after the last");
        }
        if (prediction.lastChannel() - prediction.firstChannel() > channels) {
            throw fields.wrong("channels", "at most as many channels as the latent has, " + channels);
        }
        noise(prediction.lastChannel() - prediction.firstChannel());
        if (prediction.shape().size() != latent.size()) {
            return;
        }
        String size = prediction.shape().get(axis);
        if (!Manifest.isNumber(size) || Integer.parseInt(size) < prediction.lastChannel()) {
            throw fields.wrong(
                    "shape",
                    "at least " + prediction.lastChannel() + " channels at position " + axis + ", as in the latent");
        }
    }

    /** Where the latent input has more channels than are predicted, the noise comes first; a manifest may say so. */
    private void noise(int predicted) {
        Fields latent = json.objects("inputs").get(values.indexOf("latent"));
        if (latent.has("channels") && !latent.sizes("channels").equals(List.of("0", Integer.toString(predicted)))) {
            throw latent.wrong(
                    "channels",
                    "[0, " + predicted + "]: the noise lies in the first channels, as many as the model predicts");
        }
    }

    /** A block begins with its attention: a list that is turned round, or lacks its beginning, does not. */
    private void sites() {
        List<Site> sites = values.layout.sites();
        ResidualKind first = sites.get(0).kind();
        boolean attention = sites.stream().anyMatch(site -> site.kind().isSelfAttention());
        if (attention && (first == ResidualKind.CROSS_ATTENTION || first == ResidualKind.MLP)) {
            throw json.objects("sites").get(0).wrong("kind", "a self-attention or position first, as sites are added");
        }
    }
}
