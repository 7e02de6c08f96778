package io.adacache.djl.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArchiveTest {
    @TempDir
    Path folder;

    private Path zip(String... names) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (String name : names) {
                zip.putNextEntry(new ZipEntry(name));
                zip.write(name.getBytes(StandardCharsets.UTF_8));
            }
        }
        return Files.write(folder.resolve("a.pt"), bytes.toByteArray());
    }

    private static void assertRefused(Path file, String reason) {
        assertThatThrownBy(() -> Archive.open(file).close())
                .isInstanceOf(ArchiveException.class)
                .hasMessageContaining(reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/etc/passwd", "m/../../x", "m/./x", "m//x", "C:/x", "m/"})
    void namesThatPointOutsideAreRefused(String name) throws IOException {
        assertRefused(zip("m/data.pkl", name), "points outside");
    }

    @Test
    void unusualNamesAreRefused() throws IOException {
        assertRefused(zip("m/data.pkl", "m/a\\b"), "characters that no TorchScript archive uses");
        assertRefused(zip("m/data.pkl", "other/data.pkl"), "not in the archive's folder");
        assertRefused(zip("data.pkl"), "in no folder");
    }

    @Test
    void aNameTwiceIsRefused() throws IOException {
        byte[] bytes = Files.readAllBytes(zip("m/data.pkl", "m/data.pkk"));
        String text = new String(bytes, StandardCharsets.ISO_8859_1).replace("data.pkk", "data.pkl");
        assertRefused(Files.write(folder.resolve("b.pt"), text.getBytes(StandardCharsets.ISO_8859_1)), "stands twice");
    }

    @Test
    void everyTruncationIsRefused() throws IOException {
        byte[] bytes = Files.readAllBytes(zip("m/data.pkl", "m/version"));
        for (int length = 0; length < bytes.length; length++) {
            Path cut = Files.write(folder.resolve("cut.pt"), java.util.Arrays.copyOf(bytes, length));
            assertThatThrownBy(() -> Archive.open(cut).close()).isInstanceOf(ArchiveException.class);
        }
    }

    @Test
    void damageIsSeenByItsChecksum() throws IOException {
        Path file = zip("m/data.pkl", "m/version");
        byte[] bytes = Files.readAllBytes(file);
        bytes[30 + "m/data.pkl".length() + 3] ^= 4;
        Files.write(file, bytes);
        try (Archive archive = Archive.open(file)) {
            assertThatThrownBy(archive::checkAll)
                    .isInstanceOf(ArchiveException.class)
                    .hasMessageContaining("m/data.pkl is damaged");
        }
    }

    @Test
    void aBombIsNotUnpacked() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry("m/code.py"));
            zip.write(new byte[50_000_000]);
        }
        try (Archive archive = Archive.open(Files.write(folder.resolve("bomb.pt"), bytes.toByteArray()))) {
            assertThatThrownBy(() -> archive.read("code.py", 1 << 20)).hasMessageContaining("at most 1048576 are read");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "(",
                "}(",
                "cos\nsystem\nX\u0001\0\0\0a\u0085R.",
                "X\u00ff\u00ff\u00ff\u007fa",
                "h\u0007.",
                "((((",
                "i",
                "t.",
                "."
            })
    void picklesThatAreNoneOfPyTorchsAreRefused(String pickle) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry("m/data.pkl"));
            zip.write(pickle.getBytes(StandardCharsets.ISO_8859_1));
        }
        try (Archive archive = Archive.open(Files.write(folder.resolve("p.pt"), bytes.toByteArray()))) {
            assertThatThrownBy(() -> PickleReader.read(archive, "data", 1000)).isInstanceOf(ArchiveException.class);
        }
    }

    @Test
    void copyKeepsReplacesDropsAndAdds() throws IOException {
        Path target = folder.resolve("copy.pt");
        try (Archive archive = Archive.open(zip("m/a", "m/b", "m/c"))) {
            ArchiveWriter.copy(
                    archive,
                    target,
                    Map.of("b", "new".getBytes(StandardCharsets.UTF_8), "d", new byte[3]),
                    Set.of("c"));
        }
        try (Archive copy = Archive.open(target)) {
            copy.checkAll();
            assertThat(copy.entries().keySet()).containsExactly("a", "b", "d");
            assertThat(copy.read("a", 10)).asString().isEqualTo("m/a");
            assertThat(copy.read("b", 10)).asString().isEqualTo("new");
            assertThat(copy.entries().values()).allMatch(e -> e.data() % 64 == 0);
        }
    }
}
