package io.adacache.djl.torture;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import io.adacache.djl.ManifestEdit;
import io.adacache.djl.TestModels;
import io.adacache.djl.TorchScriptTransformer;
import io.adacache.djl.archive.Archive;
import io.adacache.djl.archive.WideZip;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Enumeration;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** A model file over 4 GiB: what counts lies behind an entry of that size. Read by us, by libtorch and by the JDK, and copied. */
final class LargeArchive {
    private static final long LARGE = (4L << 30) + 12_345;

    private LargeArchive() {}

    /** Argument: a folder with room for 4 GiB. */
    public static void main(String[] arguments) throws IOException {
        Path folder = Files.createTempDirectory(Path.of(arguments[0]), "adacache-large");
        Path large = folder.resolve("large.pt");
        Path copy = folder.resolve("copy.pt");
        Tally tally = new Tally();
        try {
            write(large);
            float[] right = predicted(TestModels.file(TestModels.SMALL), TorchScriptTransformer.Checks.ALL);
            for (TorchScriptTransformer.Checks checks : TorchScriptTransformer.Checks.values()) {
                same(tally, "loaded with " + checks, predicted(large, checks), right);
            }
            ManifestEdit.of(large).steps(9).write(copy, false);
            same(tally, "copied", predicted(copy, TorchScriptTransformer.Checks.ALL), right);
            try (ZipFile theirs = new ZipFile(copy.toFile());
                    Archive ours = Archive.open(copy)) {
                boolean equal = theirs.size() == ours.entries().size();
                for (Enumeration<? extends ZipEntry> all = theirs.entries(); all.hasMoreElements(); ) {
                    ZipEntry entry = all.nextElement();
                    String name = entry.getName().substring(ours.folder().length());
                    equal &= entry.getSize() == ours.entries().get(name).size()
                            && (entry.getSize() > LARGE / 2
                                    || Arrays.equals(
                                            theirs.getInputStream(entry).readAllBytes(), ours.read(name, 1 << 20)));
                }
                same(tally, "the JDK reads the copy as we do", new float[] {equal ? 1 : 0}, new float[] {1});
            }
        } finally {
            Files.deleteIfExists(large);
            Files.deleteIfExists(copy);
            Files.delete(folder);
        }
        tally.print();
    }

    private static void write(Path large) throws IOException {
        try (ZipFile small = new ZipFile(TestModels.file(TestModels.SMALL).toFile());
                WideZip wide = new WideZip(large)) {
            boolean first = true;
            for (Enumeration<? extends ZipEntry> all = small.entries(); all.hasMoreElements(); ) {
                ZipEntry entry = all.nextElement();
                if (first) {
                    String top = entry.getName().substring(0, entry.getName().indexOf('/'));
                    wide.addZeros(top + "/extra/large", LARGE);
                    first = false;
                }
                wide.add(entry.getName(), small.getInputStream(entry).readAllBytes());
            }
        }
    }

    private static float[] predicted(Path file, TorchScriptTransformer.Checks checks) {
        try (TorchScriptTransformer model = TorchScriptTransformer.load(file, Device.cpu(), checks);
                NDManager manager = model.newManager()) {
            return model.predict(TestModels.inputs(TestModels.SMALL, manager, 3))
                    .toFloatArray();
        }
    }

    private static void same(Tally tally, String what, float[] now, float[] right) {
        if (Arrays.equals(now, right)) {
            tally.held(what);
        } else {
            tally.failed(what + ": other numbers");
        }
    }
}
