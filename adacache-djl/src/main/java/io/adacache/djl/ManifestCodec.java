package io.adacache.djl;

import io.adacache.djl.manifest.Fields;
import io.adacache.djl.manifest.ManifestException;
import io.adacache.djl.manifest.PlainJson;
import io.adacache.layout.Layout;
import io.adacache.layout.ResidualKind;
import io.adacache.layout.Site;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads and writes {@code adacache.json}: the only place that knows its fields by name. Reading is strict. */
final class ManifestCodec {
    private static final List<String> WEIGHTS = List.of("float32", "float16", "bfloat16", "float64");
    /** What DJL can make for PyTorch, as it names them. */
    private static final List<String> INPUTS =
            List.of("float32", "float16", "float64", "int64", "int32", "int8", "uint8", "boolean");

    private static final List<String> PREDICTIONS = List.of("velocity", "flow", "noise", "clean");
    static final List<String> SAMPLING = List.of("sampler", "shift", "guidance-calls", "expert", "boundary");
    /** Roles of inputs that programs act on; {@code other} is passed on as it is. */
    static final List<String> ROLES = List.of(
            "latent",
            "timestep",
            "text",
            "text-mask",
            "frame-mask",
            "fps",
            "pixel-height",
            "pixel-width",
            "class-label",
            "image",
            "other");

    static final List<String> ORDERS = List.of("conditional-first", "unconditional-first");
    private static final List<String> KINDS =
            Arrays.stream(ResidualKind.values()).map(ResidualKind::id).toList();
    /** Under {@code exporter}: why one video cannot be divided among devices. */
    private static final String OBSTACLE = "one-device";

    private static final List<String> PARTS =
            Stream.concat(KINDS.stream(), Stream.of("embed", "head")).toList();

    private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z_][A-Za-z0-9_.]{0,199}");
    private static final Pattern ROLE = Pattern.compile("[a-z][a-z0-9-]{0,99}");
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

    private static final String MADE_ANEW = "Export the checkpoint again with the adacache_export of this release, or"
            + " instrument the traced file again";

    private static final int MAX_CHANNELS = 1 << 24;
    private static final int MAX_PATCH = 1 << 12;
    private static final int MAX_BLOCKS = 1_000_000;
    private static final int MAX_STEPS = 1_000_000;

    private ManifestCodec() {}

    /**
     * Parses a manifest.
     *
     * @param text JSON
     * @param what begins the message of an error: the manifest of which file
     * @throws ModelFileException if the text is no manifest of this version; the message names field, value and expectation
     */
    static Manifest read(String text, String what) {
        return told(what, MADE_ANEW, () -> read(PlainJson.parse(text)));
    }

    /** Parses what somebody is changing: then it is the change that does not do. */
    static Manifest changed(Map<String, @Nullable Object> details, String what) {
        return told(what, "Say something else", () -> read(PlainJson.parse(PlainJson.write(details))));
    }

    static Manifest read(Map<String, @Nullable Object> details, String what) {
        return told(what, MADE_ANEW, () -> read(details));
    }

    private interface Reading {
        Manifest read();
    }

    private static Manifest told(String what, String advice, Reading reading) {
        try {
            return reading.read();
        } catch (ManifestException e) {
            throw new ModelFileException(what + " " + e.getMessage() + ". " + advice, e);
        }
    }

    private static Manifest read(Map<String, @Nullable Object> details) {
        Fields json = Fields.of(details);
        long version = json.whole("contract", 0, Long.MAX_VALUE);
        if (version < 1 || version > Manifest.CONTRACT) {
            throw new ManifestException("keeps version " + version
                    + " of the contract, this library reads the versions 1 to " + Manifest.CONTRACT);
        }
        Manifest.Builder values = Manifest.builder();
        values.contract = (int) version;
        values.named(json.text("family"), json.text("name"));
        values.weights(json.oneOf("dtype", WEIGHTS), json.whole("parameters", 0, Long.MAX_VALUE));
        if (json.has("digest")) {
            values.digest(json.text("digest", DIGEST, "64 hexadecimal digits"));
        }
        readGeometry(json, values);
        readInputs(json, values);
        values.prediction(prediction(json.object("prediction")));
        values.layout(layout(json));
        readRecommendations(json, values);
        checkFlops(json.objectOrEmpty("flops"));
        checkSampling(json.objectOrEmpty("sampling"));
        List.of("config", "pipeline").forEach(json::objectOrEmpty);
        Fields exporter = json.objectOrEmpty("exporter");
        values.obstacle = exporter.has(OBSTACLE) ? exporter.text(OBSTACLE) : null;
        json.flag(Embeddings.PROMISE);
        ManifestRules.check(json, values);
        values.inputs = List.copyOf(values.inputs);
        values.sizes = Collections.unmodifiableMap(values.sizes);
        return new Manifest(values, details);
    }

    private static void readGeometry(Fields json, Manifest.Builder values) {
        Fields hidden = json.object("hidden");
        values.hidden(hidden.count("channels", 1, MAX_CHANNELS), hidden.size("prefix"));
        Fields patch = json.object("patch");
        values.patch(
                patch.count("frames", 1, MAX_PATCH),
                patch.count("height", 1, MAX_PATCH),
                patch.count("width", 1, MAX_PATCH));
        Fields fixed = json.objectOrEmpty("sizes");
        for (String name : fixed.names()) {
            values.sizes(Map.of(name, fixed.count(name, 1, Integer.MAX_VALUE)));
        }
    }

    private static void readInputs(Fields json, Manifest.Builder values) {
        for (Fields input : json.objects("inputs")) {
            values.input(new Manifest.Input(
                    input.text("name", IDENTIFIER, "the name of an argument"),
                    input.text("role", ROLE, "a role in small letters, such as latent, timestep or text"),
                    input.oneOf("dtype", INPUTS),
                    input.sizes("shape"),
                    input.flag("optional")));
        }
    }

    private static Manifest.Prediction prediction(Fields prediction) {
        List<String> channels = prediction.sizes("channels");
        if (channels.size() != 2 || !channels.stream().allMatch(Manifest::isNumber)) {
            throw prediction.wrong("channels", "two whole numbers: first channel, and the one after the last");
        }
        return new Manifest.Prediction(
                prediction.oneOf("type", PREDICTIONS),
                prediction.sizes("shape"),
                Integer.parseInt(channels.get(0)),
                Integer.parseInt(channels.get(1)));
    }

    private static Layout layout(Fields json) {
        List<Site> sites = new ArrayList<>();
        for (Fields site : json.objects("sites")) {
            sites.add(new Site(
                    sites.size(), site.count("block", 0, MAX_BLOCKS), ResidualKind.of(site.oneOf("kind", KINDS))));
        }
        if (sites.isEmpty()) {
            throw json.wrong("sites", "a list of at least one site");
        }
        return Layout.of(sites);
    }

    private static void readRecommendations(Fields json, Manifest.Builder values) {
        if (json.has("guidance")) {
            Fields guidance = json.object("guidance");
            values.guidance(new Manifest.Guidance(guidance.oneOf("order", ORDERS), guidance.amount("scale")));
        }
        if (json.has("steps")) {
            values.steps(json.count("steps", 1, MAX_STEPS));
        }
        Fields policies = json.objectOrEmpty("policies");
        Map<String, Map<String, String>> all = new LinkedHashMap<>();
        for (String name : policies.names()) {
            Fields settings = policies.object(name);
            Map<String, String> texts = new LinkedHashMap<>();
            settings.names().forEach(setting -> texts.put(setting, settings.text(setting)));
            all.put(name, Collections.unmodifiableMap(texts));
        }
        values.policies = Collections.unmodifiableMap(all);
        values.tiers = TierCodec.read(json.objectOrEmpty("tiers"));
    }

    /** Settings of names that are not known here are those of other programs, and stay as they are. */
    private static void checkSampling(Fields sampling) {
        for (String setting : sampling.names()) {
            switch (setting) {
                case "sampler" -> sampling.text(setting, ROLE, "the name of a sampler, in small letters");
                case "shift" -> sampling.positive(setting);
                case "guidance-calls" -> sampling.oneOf(setting, List.of("batched", "separate", "none"));
                case "expert" -> sampling.oneOf(setting, List.of("high-noise", "low-noise"));
                case "boundary" -> sampling.amount(setting, 1);
                default -> {}
            }
        }
    }

    private static void checkFlops(Fields flops) {
        for (String part : flops.names()) {
            if (!PARTS.contains(part)) {
                throw flops.wrong(part, "no such part: they are " + String.join(", ", PARTS));
            }
            for (Fields term : flops.objects(part)) {
                term.amount("coefficient");
                term.sizes("dimensions");
            }
        }
    }

    /** What a builder holds, as the fields of the JSON. */
    static Map<String, @Nullable Object> write(Manifest.Builder values) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("contract", (long) values.contract);
        json.put("family", values.family);
        json.put("name", values.name);
        Map<String, @Nullable Object> exporter = new LinkedHashMap<>(values.exporter);
        if (values.obstacle != null) {
            exporter.put(OBSTACLE, values.obstacle);
        }
        json.put("exporter", exporter);
        json.put("dtype", values.dtype);
        json.put("parameters", values.parameters);
        if (values.digest != null) {
            json.put("digest", values.digest);
        }
        json.put("hidden", ordered("channels", (long) values.channels, "prefix", size(values.prefix)));
        json.put(
                "patch",
                ordered(
                        "frames", (long) values.patchFrames,
                        "height", (long) values.patchHeight,
                        "width", (long) values.patchWidth));
        json.put("inputs", values.inputs.stream().map(ManifestCodec::write).toList());
        Map<String, Object> fixed = new LinkedHashMap<>();
        new TreeMap<>(values.sizes).forEach((name, size) -> fixed.put(name, (long) size));
        json.put("sizes", fixed);
        json.put("prediction", write(values.prediction));
        json.put(
                "sites",
                values.layout.sites().stream()
                        .map(site -> ordered(
                                "block",
                                (long) site.block(),
                                "kind",
                                site.kind().id()))
                        .toList());
        if (values.guidance != Manifest.Guidance.NONE) {
            json.put("guidance", ordered("order", values.guidance.order(), "scale", values.guidance.scale()));
        }
        if (values.steps != 0) {
            json.put("steps", (long) values.steps);
        }
        if (!values.flops.isEmpty()) {
            json.put("flops", flops(values.flops));
        }
        return Collections.unmodifiableMap(json);
    }

    private static Map<String, Object> flops(Map<String, List<Manifest.Term>> parts) {
        Map<String, Object> flops = new LinkedHashMap<>();
        parts.forEach((part, terms) -> flops.put(
                part,
                terms.stream()
                        .map(t -> ordered("coefficient", t.coefficient(), "dimensions", List.copyOf(t.dimensions())))
                        .toList()));
        return flops;
    }

    private static Map<String, Object> write(Manifest.Input input) {
        Map<String, Object> fields = ordered(
                "name", input.name(), "role", input.role(), "dtype", input.dtype(), "shape", sizes(input.shape()));
        if (input.optional()) {
            fields.put("optional", true);
        }
        return fields;
    }

    private static Map<String, Object> write(Manifest.Prediction prediction) {
        return ordered(
                "type",
                prediction.type(),
                "shape",
                sizes(prediction.shape()),
                "channels",
                List.of((long) prediction.firstChannel(), (long) prediction.lastChannel()));
    }

    private static List<Object> sizes(List<String> shape) {
        return shape.stream().map(ManifestCodec::size).toList();
    }

    private static Object size(String size) {
        return Manifest.isNumber(size) ? (Object) Long.valueOf(size) : size;
    }

    private static Map<String, Object> ordered(Object... namesAndValues) {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            fields.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return fields;
    }
}
