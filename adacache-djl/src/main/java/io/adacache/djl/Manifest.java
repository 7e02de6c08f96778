package io.adacache.djl;

import io.adacache.Footprint;
import io.adacache.djl.archive.Archive;
import io.adacache.djl.manifest.PlainJson;
import io.adacache.layout.Layout;
import io.adacache.layout.TokenGrid;
import io.adacache.policy.Generation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an AdaCache-ready model file says of itself (its extra file {@code adacache.json}). The contract is written down in
 * {@code docs/model-file.md}. Immutable, and consistent: one that is not cannot be made.
 */
public final class Manifest {
    /** The newest version of the contract that this library reads; it reads the older ones as well. */
    public static final int CONTRACT = 2;

    /** From this version on a file has the methods that a model over several devices needs. */
    static final int PARTS = 2;

    /** Name of the extra file in the archive. */
    public static final String FILE = Archive.MANIFEST_FILE;

    private final Builder values;
    private final Map<String, @Nullable Object> details;

    Manifest(Builder values, Map<String, @Nullable Object> details) {
        this.values = values;
        this.details = details;
    }

    /**
     * One input of a model, as its manifest describes it.
     *
     * @param name the argument's name
     * @param role what it means: {@code latent}, {@code timestep}, {@code text}, ...
     * @param dtype {@code float32}, {@code float16}, {@code int64}, ...
     * @param shape sizes, numbers or named dimensions; equal names are equal sizes within a call
     * @param optional whether a tensor of zero elements may be passed for it
     */
    public record Input(String name, String role, String dtype, List<String> shape, boolean optional) {
        /** Copies the shape. */
        public Input {
            shape = List.copyOf(shape);
        }

        /** Throws {@link IllegalArgumentException} if nobody knows a role; {@code other} is one. */
        public static void checkRole(String role) {
            if (!ManifestCodec.ROLES.contains(role)) {
                throw new IllegalArgumentException(
                        "There is no role '" + role + "'; give one of " + String.join(", ", ManifestCodec.ROLES));
            }
        }

        @Override
        public String toString() {
            return name + ": " + dtype + " " + shape + (optional ? " (optional)" : "");
        }
    }

    /**
     * What a model predicts.
     *
     * @param type {@code velocity} (clean minus noise), {@code flow} (noise minus clean), {@code noise} or {@code clean}
     * @param shape sizes, numbers or named dimensions
     * @param firstChannel first channel of the prediction proper
     * @param lastChannel channel after its last; further channels (a variance) are not used by a sampler
     */
    public record Prediction(String type, List<String> shape, int firstChannel, int lastChannel) {
        /** Copies the shape. */
        public Prediction {
            shape = List.copyOf(shape);
        }
    }

    /**
     * Operations as a product.
     *
     * @param coefficient floating point operations, a multiply-add counting 2
     * @param dimensions named dimensions: {@code batch}, {@code frames} and {@code tokens} after patching, {@code text}
     */
    public record Term(double coefficient, List<String> dimensions) {
        /** Copies the dimensions. */
        public Term {
            dimensions = List.copyOf(dimensions);
        }
    }

    /**
     * How guidance is batched.
     *
     * @param order {@code conditional-first}, {@code unconditional-first} or {@code none}
     * @param scale the published scale, 1 where there is none
     */
    public record Guidance(String order, double scale) {
        /** No guidance. */
        public static final Guidance NONE = new Guidance("none", 1);

        /** Checks the order and the scale. */
        public Guidance {
            if (!order.equals("none") && !ManifestCodec.ORDERS.contains(order)) {
                throw new IllegalArgumentException("A guidance order is one of "
                        + String.join(", ", ManifestCodec.ORDERS) + ", but got '" + order + "'");
            }
            if (!Double.isFinite(scale) || scale < 0) {
                throw new IllegalArgumentException("A guidance scale is a number of 0 or more, but got " + scale);
            }
        }

        /** Whether the unconditional half comes first in a guidance batch. */
        public boolean unconditionalFirst() {
            return order.equals("unconditional-first");
        }
    }

    /**
     * A setting by a name that a service asks for: {@code fast}.
     *
     * @param policy the policy's text
     * @param scope where it was fitted
     * @param figures what it was found to do there, by name: {@code speedup}, {@code psnr}
     */
    public record Tier(String policy, Generation.Scope scope, Map<String, Double> figures) {
        /** The tier that every model has: the plain model. */
        public static final String LOSSLESS = "lossless";

        /** Copies the map. */
        public Tier {
            figures = Collections.unmodifiableMap(new LinkedHashMap<>(figures));
        }

        /** Throws {@link IllegalArgumentException} if a tier cannot be called so; the message says why. */
        public static void checkName(String name) {
            TierCodec.checkName(name);
        }

        /**
         * Returns the tiers in the small file beside a model file; none where there is no such file.
         *
         * @throws ModelFileException if there is one that cannot be read
         */
        public static Map<String, Tier> beside(Path model) {
            return TierFile.read(model);
        }

        /**
         * Writes this tier into the small file beside a model file, where it takes the place of one of that name. It is used by whoever
         * loads the model from then on.
         *
         * @return the small file
         * @throws IllegalArgumentException if the name is no name for a tier
         * @throws IOException if the file cannot be written
         */
        public Path writeBeside(Path model, String name) throws IOException {
            return TierFile.write(model, name, this);
        }
    }

    /**
     * Reads the manifest of a model file, or a manifest that lies in a file of its own. Nothing native is loaded.
     *
     * @param file a {@code .pt} file, or JSON
     * @throws ModelFileException if the file is missing, neither of the two, or has no manifest of this version
     */
    public static Manifest read(Path file) {
        return ModelFile.manifest(file)
                .orElseThrow(() -> new ModelFileException(file + " is opaque: it has no manifest (" + FILE
                        + "). Cut a copy with one out of it ('explain' tells whether that goes, 'instrument' does it), or export"
                        + " the checkpoint with adacache_export"));
    }

    /** Begins a manifest, for a program that writes model files. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Returns the version of the contract that the file keeps: with 1 it runs on one device, from 2 on it can also be spread over
     * several.
     */
    public int contract() {
        return values.contract;
    }

    /** Returns the model's family: free text, for example {@code open-sora}. */
    public String family() {
        return values.family;
    }

    /** Returns the model's name: free text. */
    public String name() {
        return values.name;
    }

    /** Returns the dtype of the weights: {@code float32}, {@code float16} or {@code bfloat16}. */
    public String dtype() {
        return values.dtype;
    }

    /** Returns the number of weights. */
    public long parameters() {
        return values.parameters;
    }

    /** Returns the inputs, in the order in which the model takes them. */
    public List<Input> inputs() {
        return values.inputs;
    }

    /** Returns the named dimensions that this file has fixed. */
    public Map<String, Integer> sizes() {
        return values.sizes;
    }

    /** Returns what the model predicts. */
    public Prediction prediction() {
        return values.prediction;
    }

    /**
     * Returns how many channels of the latent input are noise: its first ones, as many as are predicted. Further ones hold what the
     * clip is made from (a picture, a mask) and stay as they are from step to step.
     */
    public int noiseChannels() {
        return values.prediction.lastChannel() - values.prediction.firstChannel();
    }

    /** Returns the sites. */
    public Layout layout() {
        return values.layout;
    }

    /** Returns how guidance is batched, or {@link Guidance#NONE}. */
    public Guidance guidance() {
        return values.guidance;
    }

    /** Returns the calls per generation that the checkpoint was published for, 0 if unknown. */
    public int steps() {
        return values.steps;
    }

    /** Returns settings that the model recommends, by policy name or {@code name@steps}. */
    public Map<String, Map<String, String>> policies() {
        return values.policies;
    }

    /** Returns the tiers that stand in the manifest, by name. */
    public Map<String, Tier> tiers() {
        return values.tiers;
    }

    /** Returns the digest of the file's other entries (docs/model-file.md); empty in files that were written before there was one. */
    public Optional<String> digest() {
        return Optional.ofNullable(values.digest);
    }

    /**
     * Returns everything that the manifest says, the fields above included, as plain values: maps, lists, strings, {@code Long},
     * {@code Double}, {@code Boolean} and null, none of which can be changed.
     */
    public Map<String, @Nullable Object> details() {
        return details;
    }

    /** Returns the manifest as JSON, as it stands in a model file. */
    public String json() {
        return PlainJson.write(details);
    }

    /** Returns the position of the input with a role, or -1. */
    public int indexOf(String role) {
        return values.indexOf(role);
    }

    /**
     * Returns how the tokens of a call lie.
     *
     * @param named sizes by name, before patching: {@code batch}, {@code frames}, {@code height}, {@code width}, and whatever
     *     the prefix is named after; those that the file has fixed need not be given
     * @throws IllegalArgumentException if a size is missing
     */
    public TokenGrid grid(Map<String, Long> named) {
        return new NamedSizes(values, named).grid();
    }

    /** Whether a size is a number; else it is the name of a dimension. */
    static boolean isNumber(String size) {
        return Character.isDigit(size.charAt(0));
    }

    /** Why one video cannot be divided among devices, where the program that wrote the file said so. */
    @Nullable
    String obstacle() {
        return values.obstacle;
    }

    /** Latent frames, rows or columns per token. */
    int patch(String dimension) {
        return values.patch(dimension);
    }

    /**
     * Returns the sizes of a generation's tensors, from which a {@link Footprint} is predicted.
     *
     * @param named as for {@link #grid}
     * @throws IllegalArgumentException if a size is missing
     */
    public Footprint.Sizes tensorSizes(Map<String, Long> named) {
        NamedSizes sizes = new NamedSizes(values, named);
        List<String> latent = inputs().get(indexOf("latent")).shape();
        return new Footprint.Sizes(
                sizes.grid(),
                bytesPerElement(),
                sizes.bytes(latent),
                sizes.bytes(prediction().shape()));
    }

    /** Returns the bytes of an element of the weights and of the hidden state. */
    public int bytesPerElement() {
        return values.bytesPerElement();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Manifest manifest && manifest.details.equals(details);
    }

    @Override
    public int hashCode() {
        return details.hashCode();
    }

    @Override
    public String toString() {
        return values.name + " (" + values.family + ", " + values.layout + ")";
    }

    /** Collects what a manifest says. What has no default must be given. */
    public static final class Builder extends ManifestValues {
        Builder() {}

        /** Free text for people: the family, and the model's name. */
        public Builder named(String modelFamily, String modelName) {
            this.family = modelFamily;
            this.name = modelName;
            return this;
        }

        /** Which program writes the file, and its version. */
        public Builder exporter(String program, String version) {
            this.exporter = Map.of("name", program, "version", version);
            return this;
        }

        /** Version 2 of the contract, or 1 where a reason is given why one video cannot be divided among devices. */
        public Builder divided(@Nullable String reason) {
            this.contract = reason == null ? PARTS : 1;
            this.obstacle = reason;
            return this;
        }

        /** Dtype and number of the weights. */
        public Builder weights(String weightDtype, long count) {
            this.dtype = weightDtype;
            this.parameters = count;
            return this;
        }

        /** The digest of the file's other entries. */
        public Builder digest(String entries) {
            this.digest = entries;
            return this;
        }

        /** Channels of the hidden state, and its leading tokens that belong to no frame: a number or a named dimension. */
        public Builder hidden(int hiddenChannels, String leadingTokens) {
            this.channels = hiddenChannels;
            this.prefix = leadingTokens;
            return this;
        }

        /** Latent frames, rows and columns per token. */
        public Builder patch(int frames, int height, int width) {
            this.patchFrames = frames;
            this.patchHeight = height;
            this.patchWidth = width;
            return this;
        }

        /** The next input. */
        public Builder input(Input input) {
            inputs.add(input);
            return this;
        }

        /** Named dimensions that the file has fixed. */
        public Builder sizes(Map<String, Integer> fixed) {
            sizes.putAll(fixed);
            return this;
        }

        /** What the model predicts. */
        public Builder prediction(Prediction predicted) {
            this.prediction = predicted;
            return this;
        }

        /** The sites. */
        public Builder layout(Layout sites) {
            this.layout = sites;
            return this;
        }

        /** How guidance is batched. */
        public Builder guidance(Guidance batched) {
            this.guidance = batched;
            return this;
        }

        /** Calls per generation that the checkpoint was published for. */
        public Builder steps(int published) {
            this.steps = published;
            return this;
        }

        /** Operations of one site of each kind, and of {@code embed} and {@code head}, as sums of products. */
        public Builder flops(Map<String, List<Term>> terms) {
            flops.putAll(terms);
            return this;
        }

        /**
         * Makes the manifest.
         *
         * @throws ModelFileException if it is not consistent; the message names the field
         */
        public Manifest build() {
            return ManifestCodec.read(ManifestCodec.write(this), "The manifest to be written");
        }
    }
}
