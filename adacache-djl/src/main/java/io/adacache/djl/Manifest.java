package io.adacache.djl;

import com.google.gson.JsonObject;
import io.adacache.layout.Layout;
import io.adacache.layout.TokenGrid;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What an AdaCache-ready model file says of itself (its extra file {@code adacache.json}). The contract is written down in
 * {@code docs/model-file.md}. Immutable but for the two JSON objects, which are the caller's copies.
 *
 * @param family free text, for example {@code open-sora}
 * @param name free text
 * @param dtype of the weights: {@code float32}, {@code float16} or {@code bfloat16}
 * @param parameters number of weights
 * @param channels channels of the hidden state
 * @param prefix leading tokens that belong to no frame: a number or a named dimension
 * @param patchFrames latent frames per token
 * @param patchHeight latent rows per token
 * @param patchWidth latent columns per token
 * @param inputs in the order in which the model takes them
 * @param sizes named dimensions that this file has fixed
 * @param prediction what the model predicts
 * @param layout its sites
 * @param guidance how guidance is batched, or {@link Guidance#NONE}
 * @param steps calls per generation that the checkpoint was published for, 0 if unknown
 * @param flops floating point operations per site of a kind, by kind
 * @param policies settings that the model recommends, by policy name or {@code name@steps}
 * @param config the checkpoint's own configuration
 * @param pipeline what a pipeline around the model needs
 */
public record Manifest(
        String family,
        String name,
        String dtype,
        long parameters,
        int channels,
        String prefix,
        int patchFrames,
        int patchHeight,
        int patchWidth,
        List<InputSpec> inputs,
        Map<String, Integer> sizes,
        Prediction prediction,
        Layout layout,
        Guidance guidance,
        int steps,
        Map<String, List<FlopsTerm>> flops,
        Map<String, Map<String, String>> policies,
        JsonObject config,
        JsonObject pipeline) {
    /** The version of the contract that this library reads. */
    public static final int CONTRACT = 1;

    /** Name of the extra file in the archive. */
    public static final String FILE = "adacache.json";

    /** Copies the lists. */
    public Manifest {
        inputs = List.copyOf(inputs);
        sizes = Map.copyOf(sizes);
        flops = Map.copyOf(flops);
        policies = Map.copyOf(policies);
    }

    /**
     * What a model predicts.
     *
     * @param type {@code velocity}, {@code noise} or {@code clean}
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
     * How guidance is batched.
     *
     * @param order {@code conditional-first}, {@code unconditional-first} or {@code none}
     * @param scale the published scale, 1 where there is none
     */
    public record Guidance(String order, double scale) {
        /** No guidance. */
        public static final Guidance NONE = new Guidance("none", 1);

        /** Whether the unconditional half comes first in a guidance batch. */
        public boolean unconditionalFirst() {
            return order.equals("unconditional-first");
        }
    }

    /**
     * A term of a count of floating point operations.
     *
     * @param coefficient a number
     * @param dimensions named dimensions that it is multiplied with: {@code batch}, {@code frames}, {@code tokens}, {@code text}
     */
    public record FlopsTerm(double coefficient, List<String> dimensions) {
        /** Copies the list. */
        public FlopsTerm {
            dimensions = List.copyOf(dimensions);
        }
    }

    /**
     * Reads the manifest of a model file, or a manifest that lies in a file of its own. Nothing native is loaded.
     *
     * @param file a {@code .pt} file, or JSON
     * @throws ModelFileException if the file is missing, neither of the two, or has no manifest of this version
     */
    public static Manifest read(Path file) {
        String text = Archive.bareManifest(file)
                .or(() -> Archive.manifestText(file))
                .orElseThrow(() -> new ModelFileException(file + " is opaque: it has no manifest (" + FILE
                        + "). Export the checkpoint with adacache_export"));
        return ManifestReader.read(text, file.toString());
    }

    /**
     * Returns how the tokens of a call lie.
     *
     * @param named sizes by name, before patching: {@code batch}, {@code frames}, {@code height}, {@code width}, and whatever
     *     the prefix is named after; those that the file has fixed need not be given
     * @throws IllegalArgumentException if a size is missing
     */
    public TokenGrid grid(Map<String, Long> named) {
        int tokens = ceil(size(named, "height"), patchHeight) * ceil(size(named, "width"), patchWidth);
        int leading = Character.isDigit(prefix.charAt(0)) ? Integer.parseInt(prefix) : size(named, prefix);
        return new TokenGrid(size(named, "batch"), leading, ceil(size(named, "frames"), patchFrames), tokens, channels);
    }

    private int size(Map<String, Long> named, String name) {
        Long size = named.get(name);
        Integer own = sizes.get(name);
        if (size == null && own == null) {
            throw new IllegalArgumentException("The size '" + name + "' is missing, but got " + named);
        }
        return size != null ? Math.toIntExact(size) : own;
    }

    private static int ceil(int size, int patch) {
        return (size + patch - 1) / patch;
    }

    /**
     * Returns the floating point operations (a multiply-add counts 2) of one part in one call; 0 where the manifest says nothing.
     *
     * @param part a residual kind's id, for one site of that kind; {@code embed}; {@code head}
     * @param named sizes as for {@link #grid}, and {@code text}
     */
    public double flops(String part, Map<String, Long> named) {
        TokenGrid grid = grid(named);
        double sum = 0;
        for (FlopsTerm term : flops.getOrDefault(part, List.of())) {
            double product = term.coefficient();
            for (String dimension : term.dimensions()) {
                product *= switch (dimension) {
                    case "frames" -> grid.frames();
                    case "tokens" -> grid.tokensPerFrame();
                    default -> size(named, dimension);
                };
            }
            sum += product;
        }
        return sum;
    }

    /** Returns the position of the input with a role, or -1. */
    public int indexOf(String role) {
        for (int i = 0; i < inputs.size(); i++) {
            if (inputs.get(i).role().equals(role)) {
                return i;
            }
        }
        return -1;
    }
}
