package io.adacache.djl.torture;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.adacache.CacheSession;
import io.adacache.djl.Manifest;
import io.adacache.djl.ModelFileException;
import io.adacache.djl.TestModels;
import io.adacache.djl.TorchScriptTransformer;
import io.adacache.djl.instrument.InstrumentOptions;
import io.adacache.djl.instrument.Instrumenter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/** Damaged model files: each is refused, or runs with the right numbers. */
final class MutatedFiles {
    private static final int STEPS = 4;

    private final byte[] whole;
    private final Map<String, byte[]> entries = new LinkedHashMap<>();
    private final float[] right;
    private final Path file;
    private final @Nullable Manifest made;

    private MutatedFiles(Path source, Path file, boolean exported) throws IOException {
        this.made = exported ? null : Manifest.read(source);
        this.whole = Files.readAllBytes(source);
        this.file = file;
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(whole))) {
            ZipEntry entry;
            while ((entry = zip.getNextEntry()) != null) {
                entries.put(entry.getName(), zip.readAllBytes());
            }
        }
        Files.write(file, whole);
        this.right = numbers();
    }

    /** Arguments: number of files, seed, number of kinds of damage, a traced file that is instrumented first (else: an exported one). */
    public static void main(String[] arguments) throws IOException {
        int files = Integer.parseInt(arguments[0]);
        long seed = Long.parseLong(arguments[1]);
        int kinds = Integer.parseInt(arguments[2]);
        Tally tally = new Tally();
        Path folder = Files.createTempDirectory("adacache-mutated");
        Path file = folder.resolve("small.pt");
        try {
            Path ready = folder.resolve("ready.pt");
            boolean exported = arguments.length < 4;
            Path source = exported ? TestModels.file(TestModels.SMALL) : instrumented(arguments[3], ready);
            MutatedFiles mutated = new MutatedFiles(source, file, exported);
            Files.deleteIfExists(ready);
            for (int i = 0; i < files; i++) {
                mutated.trial(i % kinds, new Random(seed + i), "file " + (seed + i) + " of kind " + i % kinds, tally);
            }
        } finally {
            Files.deleteIfExists(file);
            Files.delete(folder);
        }
        tally.print();
    }

    private static Path instrumented(String traced, Path ready) throws IOException {
        Instrumenter.instrument(
                TestModels.traced(traced), ready, InstrumentOptions.builder().build());
        return ready;
    }

    /** Those of the sound file, whatever the damaged one says of itself. */
    private NDList inputs(NDManager manager, int step) {
        return made == null
                ? TestModels.inputs(TestModels.SMALL, manager, step)
                : TestModels.madeUp(made, manager, step);
    }

    private float[] numbers() {
        try (TorchScriptTransformer model = TorchScriptTransformer.load(file, Device.cpu());
                NDManager manager = model.newManager();
                CacheSession<NDArray> session = model.begin(model.policy("every-2", STEPS), STEPS)) {
            float[] last = {};
            for (int i = 0; i < STEPS; i++) {
                last = session.step(inputs(manager, i)).toFloatArray();
            }
            return last;
        }
    }

    private void trial(int kind, Random random, String what, Tally tally) throws IOException {
        Files.write(file, mutate(kind, random));
        try {
            float[] now = numbers();
            if (Arrays.equals(now, right)) {
                tally.held("ran with the right numbers");
            } else {
                tally.failed(what + " ran with other numbers");
            }
        } catch (ModelFileException e) {
            tally.held("refused");
        } catch (EngineException | IllegalArgumentException e) {
            // A manifest that is sound in itself may describe other inputs: the call is then refused, which is as good.
            tally.held("refused in the call");
        } catch (RuntimeException e) {
            tally.failed(what, e);
        }
    }

    private byte[] mutate(int kind, Random random) throws IOException {
        return switch (kind) {
            case 0 -> flipped(random);
            case 1 -> Arrays.copyOf(whole, random.nextInt(whole.length));
            case 2 -> zip(swapped(random));
            default -> zip(edited(random));
        };
    }

    private byte[] flipped(Random random) {
        byte[] bytes = whole.clone();
        for (int n = 1 + random.nextInt(8); n > 0; n--) {
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return bytes;
    }

    /** Contents under each other's names, with right checksums. */
    private Map<String, byte[]> swapped(Random random) {
        List<String> names = new ArrayList<>(entries.keySet());
        String one = names.get(random.nextInt(names.size()));
        String other = names.get(random.nextInt(names.size()));
        Map<String, byte[]> changed = new LinkedHashMap<>(entries);
        changed.put(one, entries.get(other));
        changed.put(other, entries.get(one));
        return changed;
    }

    /** One number or word of a text, or one byte of the rest, is another, with right checksums. */
    private Map<String, byte[]> edited(Random random) {
        List<String> names = new ArrayList<>(entries.keySet());
        String name = names.get(random.nextInt(names.size()));
        byte[] bytes = entries.get(name).clone();
        if (bytes.length > 0) {
            int at = random.nextInt(bytes.length);
            boolean digit = bytes[at] >= '0' && bytes[at] <= '9';
            bytes[at] = digit ? (byte) ('0' + random.nextInt(10)) : bytes[random.nextInt(bytes.length)];
        }
        Map<String, byte[]> changed = new LinkedHashMap<>(entries);
        changed.put(name, bytes);
        return changed;
    }

    private static byte[] zip(Map<String, byte[]> entries) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream out = new ZipOutputStream(bytes, StandardCharsets.UTF_8)) {
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                ZipEntry header = new ZipEntry(entry.getKey());
                CRC32 crc = new CRC32();
                crc.update(entry.getValue());
                header.setMethod(ZipEntry.STORED);
                header.setSize(entry.getValue().length);
                header.setCrc(crc.getValue());
                out.putNextEntry(header);
                out.write(entry.getValue());
            }
        }
        return bytes.toByteArray();
    }
}
