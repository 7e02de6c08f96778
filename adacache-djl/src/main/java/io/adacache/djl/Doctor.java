package io.adacache.djl;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.adacache.CacheSession;
import io.adacache.djl.TorchScriptTransformer.Checks;
import io.adacache.djl.TorchScriptTransformer.Finding;
import io.adacache.djl.TorchScriptTransformer.Finding.Level;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Looks at everything that a first generation needs, in the order in which it needs it, and goes on as long as that makes sense. */
final class Doctor {
    private static final int STEPS = 4;
    private static final double MILLI = 1e6;
    private static final int MEBI = 20;
    private static final float LARGEST_TIMESTEP = 1000;

    private final List<Finding> findings = new ArrayList<>();
    private final Device device;

    private Doctor(Device device) {
        this.device = device;
    }

    /**
     * Examines.
     *
     * @param file a model file; null for the machine alone
     */
    static List<Finding> examine(@Nullable Path file, Device device) {
        Doctor doctor = new Doctor(device);
        doctor.findings.addAll(SetUp.beforeTheEngine());
        boolean sound = doctor.findings.stream().noneMatch(finding -> finding.level() == Level.WRONG);
        // Natives that do not fit each other end the process when they are loaded.
        boolean started = sound && doctor.engine();
        if (file != null) {
            boolean good = doctor.file(file);
            if (good && started) {
                doctor.generation(file);
            }
        }
        return List.copyOf(doctor.findings);
    }

    private boolean engine() {
        List<Finding> found = SetUp.engine(device);
        findings.addAll(found);
        return found.stream().noneMatch(finding -> finding.level() == Level.WRONG);
    }

    private void add(Level level, String subject, String found, String advice) {
        findings.add(new Finding(level, subject, found, advice));
    }

    private boolean file(Path file) {
        try {
            Optional<Manifest> manifest = ModelFile.checked(file, Checks.ALL);
            add(
                    Level.GOOD,
                    "model file",
                    file + ", " + (Files.size(file) >> MEBI) + " MiB, every checksum is right",
                    "");
            manifest.ifPresentOrElse(this::manifest, this::opaque);
            return true;
        } catch (ModelFileException e) {
            add(
                    Level.WRONG,
                    "model file",
                    String.valueOf(e.getMessage()),
                    "copy the file anew, or make it again (docs/models.md)");
        } catch (IOException | RuntimeException e) {
            add(Level.WRONG, "model file", file + " cannot be read: " + e, "look at its permissions and at the disk");
        }
        return false;
    }

    private void manifest(Manifest manifest) {
        add(
                Level.GOOD,
                "manifest",
                String.format(
                        Locale.ROOT,
                        "contract %d, %s '%s', %s, %.1f M weights, %s",
                        Manifest.CONTRACT,
                        manifest.family(),
                        manifest.name(),
                        manifest.dtype(),
                        manifest.parameters() / 1e6,
                        manifest.layout()),
                "");
        if (manifest.digest().isEmpty()) {
            add(
                    Level.NOTE,
                    "manifest",
                    "carries no digest: a file whose entries were exchanged is not noticed",
                    "export the checkpoint again with adacache_export");
        }
    }

    private void opaque() {
        add(
                Level.NOTE,
                "manifest",
                "none: the file is opaque, and only policies of the whole call apply (every-2, easycache)",
                "make an AdaCache-ready copy with 'instrument', or export the checkpoint with adacache_export");
    }

    private void generation(Path file) {
        try (TorchScriptTransformer model = TorchScriptTransformer.load(file, device, Checks.STRUCTURE)) {
            if (model.layout().sites().isEmpty()) {
                add(Level.NOTE, "generation", "not tried: nobody knows the inputs of an opaque file", "");
                return;
            }
            generate(model);
        } catch (RuntimeException | LinkageError e) {
            add(
                    Level.WRONG,
                    "generation",
                    String.valueOf(e.getMessage()),
                    "the log has the whole of it; 'inspect' shows the file");
        } catch (OutOfMemoryError e) {
            add(
                    Level.WRONG,
                    "generation",
                    "out of memory: " + e.getMessage(),
                    "use a device or a machine with more memory");
        }
    }

    /** Made-up inputs of the smallest size: whether it runs, not how fast real sizes are. */
    private void generate(TorchScriptTransformer model) {
        double[] millis = new double[STEPS];
        boolean finite = true;
        List<String> warnings;
        try (NDManager manager = model.newManager();
                CacheSession<NDArray> session = model.begin("every-2", STEPS)) {
            Map<String, Long> sizes = MadeUpInputs.small(model.manifest());
            for (int step = 0; step < STEPS; step++) {
                float timestep = LARGEST_TIMESTEP * (STEPS - step) / STEPS;
                NDList inputs = MadeUpInputs.of(model.manifest(), sizes, manager, timestep);
                long begin = System.nanoTime();
                NDArray prediction = model.ops.toFloat32(session.step(inputs));
                prediction.attach(manager);
                for (float value : prediction.toFloatArray()) {
                    finite &= Float.isFinite(value);
                }
                millis[step] = (System.nanoTime() - begin) / MILLI;
            }
            warnings = session.stats().warnings();
        }
        String took = String.format(
                Locale.ROOT,
                "4 steps of the smallest size on %s: %.1f ms the first, then %.1f computed, %.1f reused",
                device,
                millis[0],
                millis[2],
                millis[1]);
        if (finite && warnings.isEmpty()) {
            add(Level.GOOD, "generation", took, "");
        } else if (finite) {
            add(Level.NOTE, "generation", took + "; warned: " + String.join("; ", warnings), "");
        } else {
            add(
                    Level.NOTE,
                    "generation",
                    took + "; predictions are not finite on made-up inputs",
                    "compare a real generation with the original model (verify-forward)");
        }
    }
}
