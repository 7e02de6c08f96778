package io.adacache.djl.instrument;

import io.adacache.djl.Manifest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@link Instrumenter#instrument} may be told. Everything has a default; most files need nothing. Immutable.
 */
public final class InstrumentOptions {
    private final Builder values;

    private InstrumentOptions(Builder values) {
        this.values = values.copy();
    }

    /** Options with every default. */
    public static InstrumentOptions ofDefaults() {
        return builder().build();
    }

    /** Begins with the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    @Nullable
    Path verifyInputs() {
        return values.verifyInputs;
    }

    @Nullable
    String latent() {
        return values.latent;
    }

    @Nullable
    Integer framesAxis() {
        return values.framesAxis;
    }

    @Nullable
    Integer frames() {
        return values.frames;
    }

    @Nullable
    String device() {
        return values.device;
    }

    Duration timeLimit() {
        return values.timeLimit;
    }

    boolean overwrite() {
        return values.overwrite;
    }

    boolean anyShare() {
        return values.anyShare;
    }

    Map<String, String> roles() {
        return values.roles;
    }

    String family() {
        return values.family;
    }

    /** The given name, or the other one. */
    String name(String otherwise) {
        return values.name == null ? otherwise : values.name;
    }

    int steps() {
        return values.steps;
    }

    Manifest.Guidance guidance() {
        return values.guidance;
    }

    String predictionType() {
        return values.predictionType;
    }

    /** Collects options. */
    public static final class Builder {
        private @Nullable Path verifyInputs;
        private @Nullable String latent;
        private @Nullable Integer framesAxis;
        private @Nullable Integer frames;
        private @Nullable String device;
        private boolean overwrite;
        private boolean anyShare;
        private Duration timeLimit = Duration.ofHours(1);
        private Map<String, String> roles = new HashMap<>();
        private String family = "instrumented";
        private @Nullable String name;
        private int steps;
        private Manifest.Guidance guidance = Manifest.Guidance.NONE;
        private String predictionType = "noise";

        private Builder() {}

        private Builder copy() {
            Builder copy = new Builder();
            copy.verifyInputs = verifyInputs;
            copy.latent = latent;
            copy.framesAxis = framesAxis;
            copy.frames = frames;
            copy.device = device;
            copy.overwrite = overwrite;
            copy.anyShare = anyShare;
            copy.timeLimit = timeLimit;
            copy.roles = Map.copyOf(roles);
            copy.family = family;
            copy.name = name;
            copy.steps = steps;
            copy.guidance = guidance;
            copy.predictionType = predictionType;
            return copy;
        }

        /**
         * Inputs for the verification: an .npz whose arrays are named after forward's parameters (or {@code arr_0} and
         * following). By default inputs are made up for the shapes that the tracer kept in the file.
         */
        public Builder verifyInputs(Path npz) {
            this.verifyInputs = npz;
            return this;
        }

        /** Name of the latent input, where several inputs of four or five dimensions feed the hidden state. */
        public Builder latent(String input) {
            this.latent = input;
            return this;
        }

        /**
         * Which dimension of which input counts the frames, as {@code input:dimension}, where it is not found or found wrongly.
         *
         * @throws IllegalArgumentException if the text has another form
         */
        public Builder framesFrom(String inputAndDimension) {
            int colon = inputAndDimension.lastIndexOf(':');
            if (colon <= 0 || !inputAndDimension.substring(colon + 1).matches("[0-9]")) {
                throw new IllegalArgumentException(
                        "frames-from is '" + inputAndDimension + "'; give input:dimension, such as x:2");
            }
            this.latent = inputAndDimension.substring(0, colon);
            this.framesAxis = Integer.valueOf(inputAndDimension.substring(colon + 1));
            return this;
        }

        /**
         * How many frames the packed tokens of the verification's inputs are, where the latent is a row of tokens. The written file
         * takes that many frames; what a frame holds stays dynamic if it was. One frame by default.
         *
         * @throws IllegalArgumentException if it is less than 1
         */
        public Builder frames(int count) {
            if (count < 1) {
                throw new IllegalArgumentException("frames is " + count + "; give 1 or more");
            }
            this.frames = count;
            return this;
        }

        /** Rewrites every device literal in the code, forward's included, to this device, such as {@code cuda:0}. */
        public Builder device(String device) {
            if (!device.matches("(cpu|cuda)(:[0-9]{1,2})?")) {
                throw new IllegalArgumentException("device is '" + device + "'; give cpu, cuda or cuda:N");
            }
            this.device = device;
            return this;
        }

        /** How long it may take; after that the file is refused. One hour by default. */
        public Builder timeLimit(Duration limit) {
            this.timeLimit = limit;
            return this;
        }

        /** Allows an existing output file to be replaced. The input is never replaced. */
        public Builder overwrite(boolean allowed) {
            this.overwrite = allowed;
            return this;
        }

        /** Writes a file of which hardly anything can be reused, too; see {@link InstrumentReport.Share#small}. */
        public Builder anyShare(boolean allowed) {
            this.anyShare = allowed;
            return this;
        }

        /**
         * The role of an input in the manifest ({@code timestep}, {@code text}, {@code class-label}, ...), where the guess is wrong.
         *
         * @throws IllegalArgumentException if there is no such role
         */
        public Builder role(String input, String role) {
            Manifest.Input.checkRole(role);
            if (role.equals("latent")) {
                throw new IllegalArgumentException("Name the latent with latent, or frames-from as " + input + ":2");
            }
            this.roles.put(input, role);
            return this;
        }

        /**
         * What the model predicts: {@code noise} (default), {@code velocity} (clean minus noise), {@code flow} (noise minus clean)
         * or {@code clean}.
         */
        public Builder predictionType(String type) {
            if (!type.matches("noise|velocity|flow|clean")) {
                throw new IllegalArgumentException(
                        "prediction type is '" + type + "'; give noise, velocity, flow or clean");
            }
            this.predictionType = type;
            return this;
        }

        /** Free text for people. */
        public Builder family(String family) {
            this.family = family;
            return this;
        }

        /** Free text for people. */
        public Builder name(String name) {
            this.name = name;
            return this;
        }

        /** Calls per generation that the checkpoint was published for. */
        public Builder steps(int steps) {
            this.steps = steps;
            return this;
        }

        /**
         * Order of a guidance batch ({@code conditional-first}, {@code unconditional-first}) and published scale.
         *
         * @throws IllegalArgumentException if it is no such order or scale
         */
        public Builder guidance(String order, double scale) {
            this.guidance = new Manifest.Guidance(order, scale);
            return this;
        }

        /** Snapshots the options. */
        public InstrumentOptions build() {
            return new InstrumentOptions(this);
        }
    }
}
