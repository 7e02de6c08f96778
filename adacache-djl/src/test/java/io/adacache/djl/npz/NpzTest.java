package io.adacache.djl.npz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpzTest {
    @TempDir
    Path folder;

    private static byte[] npy(int version, String header, ByteBuffer data) {
        byte[] text = (header + " \n").getBytes(StandardCharsets.UTF_8);
        int begin = version == 1 ? 10 : 12;
        ByteBuffer file =
                ByteBuffer.allocate(begin + text.length + data.capacity()).order(ByteOrder.LITTLE_ENDIAN);
        file.put((byte) 0x93)
                .put("NUMPY".getBytes(StandardCharsets.US_ASCII))
                .put((byte) version)
                .put((byte) 0);
        if (version == 1) {
            file.putShort((short) text.length);
        } else {
            file.putInt(text.length);
        }
        return file.put(text).put(data.array()).array();
    }

    private static String header(String type, String order, String shape) {
        return "{'descr': '" + type + "', 'fortran_order': " + order + ", 'shape': (" + shape + "), }";
    }

    private static ByteBuffer bytes(int count) {
        return ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Test
    void fp32IsRead() {
        ByteBuffer data = bytes(24);
        data.asFloatBuffer().put(new float[] {0, 1, 2, 3, 4, 5});
        NpyArray array = NpyArray.parse(npy(1, header("<f4", "False", "2, 3"), data), "x");
        assertThat(array.shape()).containsExactly(2L, 3L);
        assertThat(array.floats()).containsExactly(0, 1, 2, 3, 4, 5);
    }

    @Test
    void columnsFirstAreTurnedAround() {
        ByteBuffer data = bytes(24);
        data.asFloatBuffer().put(new float[] {0, 3, 1, 4, 2, 5});
        NpyArray array = NpyArray.parse(npy(2, header("<f4", "True", "2, 3"), data), "x");
        assertThat(array.floats()).containsExactly(0, 1, 2, 3, 4, 5);
    }

    @Test
    void otherNumbersAreRead() {
        ByteBuffer longs = bytes(16);
        longs.asLongBuffer().put(new long[] {1, Long.MAX_VALUE});
        assertThat(NpyArray.parse(npy(3, header("<i8", "False", "2,"), longs), "x")
                        .longs())
                .containsExactly(1, Long.MAX_VALUE);
        ByteBuffer big = ByteBuffer.allocate(8).putDouble(-0.25);
        assertThat(NpyArray.parse(npy(1, header(">f8", "False", ""), big), "x").floats())
                .containsExactly(-0.25f);
        ByteBuffer halves = bytes(8);
        halves.asShortBuffer().put(new short[] {0x3C00, (short) 0xC000, 0x0001, 0x7BFF});
        assertThat(NpyArray.parse(npy(1, header("<f2", "False", "4,"), halves), "x")
                        .floats())
                .containsExactly(1, -2, 0x1p-24f, 65504);
        ByteBuffer flags = ByteBuffer.wrap(new byte[] {1, 0});
        assertThat(NpyArray.parse(npy(1, header("|b1", "False", "2,"), flags), "x")
                        .longs())
                .containsExactly(1, 0);
    }

    @Test
    void faultsAreNamed() {
        assertThatThrownBy(() -> NpyArray.parse(new byte[20], "'x' in y.npz"))
                .hasMessage("'x' in y.npz is no NumPy array");
        assertThatThrownBy(() -> NpyArray.parse(npy(1, header("<f4", "False", "9, 9"), bytes(4)), "x"))
                .hasMessageContaining("cut off");
        assertThatThrownBy(() -> NpyArray.parse(npy(1, header("|O8", "False", "1,"), bytes(8)), "x"))
                .hasMessageContaining("something else than numbers");
        assertThatThrownBy(() -> NpyArray.parse(npy(1, header("<c8", "False", "1,"), bytes(8)), "x"))
                .hasMessageContaining("does not read");
    }

    @Test
    void archivesMayBeCompressed() throws IOException {
        Path file = folder.resolve("a.npz");
        ByteBuffer data = bytes(4000);
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry("x.npy"));
            zip.write(npy(1, header("<f4", "False", "1000,"), data));
        }
        assertThat(Files.size(file)).isLessThan(1000);
        assertThat(Npz.read(file).get("x").floats()).hasSize(1000);
    }

    @Test
    void recordingsAreRead() {
        Npz npz = Npz.read(Path.of("src/test/resources/io/adacache/djl/recordings/stdit3-tiny/conditioning.npz"));
        assertThat(npz.get("y").shape()).containsExactly(2L, 1L, 12L, 32L);
        assertThat(npz.get("mask").type()).isEqualTo("i8");
        assertThat(Arrays.stream(npz.get("mask").longs()).sum()).isPositive();
        assertThatThrownBy(() -> npz.get("z")).hasMessageContaining("holds no array 'z'; it holds [y, mask");
    }
}
