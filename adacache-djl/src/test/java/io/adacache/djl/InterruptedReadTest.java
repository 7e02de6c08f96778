package io.adacache.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import io.adacache.djl.TorchScriptTransformer.Checks;
import io.adacache.djl.npz.Npz;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An interrupt closes whatever channel its thread reads: that is said as an interrupt, not as a fault of the file, and the same call works
 * afterwards.
 */
class InterruptedReadTest {
    @TempDir
    private Path folder;

    @AfterEach
    void forget() {
        Thread.interrupted();
    }

    private static void assertInterrupted(ThrowingCallable work) throws Throwable {
        Thread.currentThread().interrupt();
        assertThatThrownBy(work)
                .isInstanceOf(CancellationException.class)
                .hasMessageStartingWith("The thread was interrupted");
        assertThat(Thread.interrupted()).as("the interrupt stays set").isTrue();
        work.call();
    }

    @Test
    void aModelIsNotLoaded() throws Throwable {
        for (Checks checks : Checks.values()) {
            assertInterrupted(() -> TorchScriptTransformer.load(TestModels.file(TestModels.SMALL), Device.cpu(), checks)
                    .close());
        }
    }

    @Test
    void noManifestIsRead() throws Throwable {
        assertInterrupted(() -> Manifest.read(TestModels.file(TestModels.SMALL)));
        assertInterrupted(
                () -> ManifestEdit.of(TestModels.file(TestModels.SMALL)).digest());
    }

    @Test
    void noArraysAreRead() throws Throwable {
        Path file = folder.resolve("arrays.npz");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            zip.putNextEntry(new ZipEntry("note.txt"));
        }
        assertInterrupted(() -> Npz.read(file));
    }

    @Test
    void warmingUpIsAGenerationLikeAnyOther() throws Throwable {
        try (TorchScriptTransformer model = TestModels.load(TestModels.SMALL);
                NDManager manager = model.newManager()) {
            int live = model.live();
            assertInterrupted(() -> model.warmUp(TestModels.inputs(TestModels.SMALL, manager, 1)));
            assertThat(model.live()).isEqualTo(live);
        }
    }
}
