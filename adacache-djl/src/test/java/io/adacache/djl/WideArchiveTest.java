package io.adacache.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import io.adacache.djl.archive.Archive;
import io.adacache.djl.archive.ArchiveException;
import io.adacache.djl.archive.WideZip;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Archives in the form that those over 4 GiB have, small; the torture kit's long form has one that is as large. */
class WideArchiveTest {
    /** From the end of a file: the zip64 end record, its locator, the end record. */
    private static final int END64 = 98;

    @TempDir
    Path folder;

    private Path wide() throws IOException {
        Path file = folder.resolve("wide.pt");
        try (ZipFile small = new ZipFile(TestModels.file(TestModels.SMALL).toFile());
                WideZip wide = new WideZip(file)) {
            for (Enumeration<? extends ZipEntry> all = small.entries(); all.hasMoreElements(); ) {
                ZipEntry entry = all.nextElement();
                wide.add(entry.getName(), small.getInputStream(entry).readAllBytes());
            }
        }
        return file;
    }

    private static float[] predicted(Path file) {
        try (TorchScriptTransformer model = TorchScriptTransformer.load(file, Device.cpu());
                NDManager manager = model.newManager()) {
            return model.predict(TestModels.inputs(TestModels.SMALL, manager, 3))
                    .toFloatArray();
        }
    }

    @Test
    void itRunsAsTheNarrowOneDoesAndIsCopiedRight() throws IOException {
        float[] right = predicted(TestModels.file(TestModels.SMALL));
        Path wide = wide();
        assertThat(predicted(wide)).isEqualTo(right);
        Path copy = folder.resolve("copy.pt");
        ManifestEdit.of(wide).steps(9).write(copy, false);
        assertThat(predicted(copy)).isEqualTo(right);
        assertThat(folder.toFile().list()).containsExactlyInAnyOrder("wide.pt", "copy.pt");
    }

    /** What its fields claim is held against the file. */
    @ParameterizedTest
    @CsvSource({
        "32, 99, names 99 entries|damaged|not where",
        "32, 9223372036854775807, names 9223372036854775807 entries",
        "40, 9223372036854775807, bytes long",
        "40, -1, bytes long",
        "48, 9223372036854775807, not where",
        "48, -9223372036854775808, not where",
        "64, 9223372036854775807, cut off",
        "64, -1, cut off",
    })
    void figuresThatLieAreRefused(int field, long value, String reasons) throws IOException {
        Path file = wide();
        byte[] bytes = Files.readAllBytes(file);
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(bytes.length - END64 + field, value);
        Files.write(file, bytes);
        assertThatThrownBy(() -> Archive.open(file).close())
                .isInstanceOf(ArchiveException.class)
                .message()
                .matches(
                        message -> java.util.Arrays.stream(reasons.split("\\|")).anyMatch(message::contains));
    }

    /** Sizes and offsets of entries likewise, at any place of the directory. */
    @Test
    void entriesThatLieAreRefused() throws IOException {
        Path file = wide();
        byte[] whole = Files.readAllBytes(file);
        ByteBuffer bytes = ByteBuffer.wrap(whole.clone()).order(ByteOrder.LITTLE_ENDIAN);
        long start = bytes.getLong(whole.length - END64 + 48);
        int name = bytes.getShort((int) start + 28);
        for (int field = 0; field < 3; field++) {
            for (long lie : new long[] {-1, Long.MAX_VALUE, Long.MIN_VALUE, whole.length, 1L << 40}) {
                byte[] changed = whole.clone();
                int at = (int) start + 46 + name + 4 + 8 * field;
                ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN).putLong(at, lie);
                Files.write(file, changed);
                assertThatThrownBy(() -> Archive.open(file).close())
                        .as("field %d is %d", field, lie)
                        .isInstanceOf(ArchiveException.class);
            }
        }
    }
}
