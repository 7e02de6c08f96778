package io.adacache.bench.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.adacache.bench.sampler.LatentShape;
import io.adacache.djl.Manifest;
import io.adacache.djl.Manifest.Input;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The inputs of a model's call, in the manifest's order and by the manifest's roles. The manager owns what stays the same. */
final class StepInputs {
    private final Manifest manifest;
    private final LatentShape latent;
    private final List<@Nullable NDArray> constant = new ArrayList<>();
    private final NDArray noFrameMask;
    private final Picture picture;
    private final int further;

    /**
     * @param manager frees what stays the same over the steps
     * @param latent of this call, guidance halves included
     * @param given to the rows of this call
     */
    StepInputs(Manifest manifest, NDManager manager, LatentShape latent, Conditioning conditioning, Condition given) {
        this.manifest = manifest;
        this.latent = latent;
        this.picture = conditioning.picture();
        this.further = Picture.further(manifest);
        this.noFrameMask = manager.zeros(new Shape(0), DataType.FLOAT32);
        for (Input spec : manifest.inputs()) {
            constant.add(constant(spec, manager, conditioning, given));
        }
    }

    private @Nullable NDArray constant(Input spec, NDManager manager, Conditioning all, Condition given) {
        return switch (spec.role()) {
            case "latent", "timestep", "frame-mask" -> null;
            case "text" -> typed(spec, manager.create(given.text(), textShape(spec, all, given.text())));
            case "text-mask" -> mask(spec, manager, all);
            case "image" -> image(spec, manager, all);
            case "class-label" -> labels(spec, manager, given.labels());
            case "fps" -> typed(spec, manager.create(new float[] {all.fps()}));
            case "pixel-height" -> typed(spec, manager.create(new float[] {all.height()}));
            case "pixel-width" -> typed(spec, manager.create(new float[] {all.width()}));
            default -> {
                if (!spec.optional()) {
                    throw new IllegalArgumentException("The model's input '" + spec.name() + "' has the role '"
                            + spec.role() + "', which this program cannot fill");
                }
                yield absent(spec, manager);
            }
        };
    }

    /** {@code [rows, 1, length, channels]} or {@code [rows, length, channels]}, as the manifest has it. */
    private static Shape textShape(Input spec, Conditioning given, float[] text) {
        long rows = text.length / given.length() / given.channels();
        return spec.shape().size() == 4
                ? new Shape(rows, 1, given.length(), given.channels())
                : new Shape(rows, given.length(), given.channels());
    }

    /** The prompts' mask: once, or for each guidance half where the model wants a line per batch row. */
    private NDArray mask(Input spec, NDManager manager, Conditioning given) {
        long[] mask = given.mask();
        if (mask == null && spec.optional()) {
            return absent(spec, manager);
        }
        int rows = spec.shape().get(0).equals("batch") ? latent.batch() : given.prompts();
        long[] all = new long[rows * given.length()];
        for (int i = 0; i < all.length; i++) {
            all[i] = mask == null ? 1 : mask[i % mask.length];
        }
        return typed(spec, manager.create(all, new Shape(rows, given.length())));
    }

    /** An image encoder's tokens, for every row of the call. */
    private NDArray image(Input spec, NDManager manager, Conditioning given) {
        float[] tokens = picture.tokens();
        if (tokens.length == 0 && spec.optional()) {
            return absent(spec, manager);
        }
        String last = spec.shape().get(spec.shape().size() - 1);
        int clip = tokens.length / given.prompts();
        int channels = Character.isDigit(last.charAt(0)) ? Integer.parseInt(last) : Math.max(1, clip);
        if (clip == 0 || clip % channels != 0 || tokens.length % given.prompts() != 0) {
            throw new IllegalArgumentException(
                    "The model's input '" + spec.name() + "' takes an image encoder's tokens "
                            + spec.shape() + "; give them as the array image of --conditioning FILE.npz, but got "
                            + tokens.length
                            + " numbers for " + given.prompts() + " clips");
        }
        float[] rows = Conditioning.repeated(tokens, latent.batch() / given.prompts());
        return typed(spec, manager.create(rows, new Shape(latent.batch(), clip / channels, channels)));
    }

    private static NDArray labels(Input spec, NDManager manager, long[] labels) {
        if (labels.length == 0 && spec.optional()) {
            return absent(spec, manager);
        }
        if (labels.length == 0) {
            throw new IllegalArgumentException(
                    "The model's input '" + spec.name() + "' takes a class, but none was given");
        }
        return typed(spec, manager.create(labels));
    }

    private static NDArray absent(Input spec, NDManager manager) {
        return manager.zeros(new Shape(0), type(spec));
    }

    private static DataType type(Input spec) {
        return DataType.valueOf(spec.dtype().toUpperCase(Locale.ROOT));
    }

    private static NDArray typed(Input spec, NDArray array) {
        DataType type = type(spec);
        return array.getDataType() == type ? array : array.toType(type, false);
    }

    /** Returns the inputs of one call; what changes from call to call belongs to {@code step}. */
    NDList at(NDManager step, float timestep, float[] z, float @Nullable [] active) {
        NDList inputs = new NDList(constant.size());
        for (int i = 0; i < constant.size(); i++) {
            Input spec = manifest.inputs().get(i);
            NDArray same = constant.get(i);
            inputs.add(
                    same != null
                            ? same
                            : switch (spec.role()) {
                                case "latent" -> latent(spec, step, z);
                                case "timestep" -> typed(spec, step.create(filled(timestep)));
                                default -> frameMask(spec, step, active);
                            });
        }
        return inputs;
    }

    private NDArray latent(Input spec, NDManager step, float[] z) {
        long[] sizes = latentSizes(spec, latent);
        if (further == 0) {
            return typed(spec, step.create(FloatBuffer.wrap(z), new Shape(sizes)));
        }
        int axis = Picture.axis(spec);
        float[] whole = picture.behind(z, sizes, axis, further);
        sizes[axis] += further;
        return typed(spec, step.create(FloatBuffer.wrap(whole), new Shape(sizes)));
    }

    /** The latent's sizes in the order in which the manifest names them; a number stands for the channels. */
    static long[] latentSizes(Input spec, LatentShape latent) {
        return spec.shape().stream()
                .mapToLong(size -> switch (size) {
                    case "batch" -> latent.batch();
                    case "frames" -> latent.frames();
                    case "height" -> latent.height();
                    case "width" -> latent.width();
                    default -> latent.channels();
                })
                .toArray();
    }

    private float[] filled(float timestep) {
        float[] rows = new float[latent.batch()];
        Arrays.fill(rows, timestep);
        return rows;
    }

    private NDArray frameMask(Input spec, NDManager step, float @Nullable [] active) {
        return active == null
                ? noFrameMask
                : typed(spec, step.create(active, new Shape(latent.batch(), latent.frames())));
    }
}
