package io.adacache.bench.sampler;

/** What a model predicts, and the velocity that follows from it on a straight way from noise to clean. */
public enum PredictionType {
    /** Clean minus noise. */
    VELOCITY {
        @Override
        float velocity(float prediction, float latent, float level) {
            return prediction;
        }
    },
    /** Noise minus clean. */
    FLOW {
        @Override
        float velocity(float prediction, float latent, float level) {
            return -prediction;
        }
    },
    /** The clean latent. */
    CLEAN {
        @Override
        float clean(float prediction, float latent, float level) {
            return prediction;
        }

        @Override
        float velocity(float prediction, float latent, float level) {
            return (prediction - latent) / level;
        }
    };

    /**
     * Returns the velocity.
     *
     * @param prediction what the model predicted
     * @param latent what it was given: {@code (1 - level) clean + level noise}
     * @param level 0 (exclusive) to 1
     */
    abstract float velocity(float prediction, float latent, float level);

    /** Returns the clean latent. Parameters as of {@link #velocity}. */
    float clean(float prediction, float latent, float level) {
        return latent + level * velocity(prediction, latent, level);
    }

    /**
     * Returns the type that a manifest names.
     *
     * @throws IllegalArgumentException for {@code noise}, from which no velocity follows at the first step, or an unknown name
     */
    public static PredictionType of(String name) {
        return switch (name) {
            case "velocity" -> VELOCITY;
            case "flow" -> FLOW;
            case "clean" -> CLEAN;
            default ->
                throw new IllegalArgumentException("Rectified flow needs a model that predicts velocity, flow or clean,"
                        + " but this one predicts '" + name + "'");
        };
    }
}
