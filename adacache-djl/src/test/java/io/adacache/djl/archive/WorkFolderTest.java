package io.adacache.djl.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adacache.djl.torture.ChildJvm;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class WorkFolderTest {
    @TempDir
    Path folder;

    /** Another process: works beside a file, and leaves as if it was killed where it is told so. */
    static final class Other {
        public static void main(String[] arguments) throws IOException {
            WorkFolder work = WorkFolder.beside(Path.of(arguments[0]));
            Files.writeString(work.path().resolve("half.pt"), "half");
            if (arguments.length > 1) {
                Runtime.getRuntime().halt(0);
            }
            work.close();
        }
    }

    private Path target() {
        return folder.resolve("model.pt");
    }

    private int folders() {
        return folder.toFile().list().length;
    }

    /** What the system says of a full disk names no file, and what it says of the unfinished one names none that the user knows. */
    @Test
    void whatCannotBeWrittenIsNamedAsTheUserNamedIt() {
        assertThatThrownBy(() -> WorkFolder.beside(target(), work -> {
                    throw new IOException("No space left on device");
                }))
                .isInstanceOf(FileSystemException.class)
                .hasMessage(target() + ": No space left on device");
        assertThatThrownBy(() -> WorkFolder.beside(target(), work -> Files.readString(work.resolve("a.pt"))))
                .isInstanceOf(FileSystemException.class)
                .hasMessageStartingWith(target().toString());
        Path other = folder.resolve("input.pt");
        assertThatThrownBy(() -> WorkFolder.beside(target(), work -> Files.readString(other)))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessage(other.toString());
        assertThat(folders()).isZero();
    }

    @Test
    void itGoesWithItsFiles() throws IOException {
        try (WorkFolder work = WorkFolder.beside(target())) {
            Files.writeString(work.path().resolve("a.pt"), "a");
            assertThat(work.path().getParent()).isEqualTo(folder);
            try (WorkFolder second = WorkFolder.beside(target())) {
                assertThat(second.path()).isNotEqualTo(work.path());
                assertThat(work.path().resolve("a.pt")).hasContent("a");
            }
        }
        assertThat(folders()).isZero();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void whatAKilledProcessLeftIsRemovedByTheNextAndWhatALivingOneHasIsNot() throws IOException {
        assertThat(ChildJvm.of(Other.class).arguments(target(), "killed").run().exit())
                .isZero();
        assertThat(folders()).isOne();
        try (WorkFolder work = WorkFolder.beside(target())) {
            assertThat(folders()).isOne();
            Files.writeString(work.path().resolve("mine.pt"), "mine");
            ChildJvm.Ended other = ChildJvm.of(Other.class).arguments(target()).run();
            assertThat(other.exit()).as(other.output()).isZero();
            assertThat(work.path().resolve("mine.pt")).hasContent("mine");
        }
        assertThat(folders()).isZero();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aLinkIsNotFollowedAndAFolderWithoutOwnerIsLeftForADay() throws IOException {
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        Files.writeString(elsewhere.resolve("owner-1"), "");
        Files.writeString(elsewhere.resolve("precious"), "precious");
        Path link = Files.createSymbolicLink(folder.resolve(".adacache-work-link"), elsewhere);
        Path young = Files.createDirectory(folder.resolve(".adacache-work-young"));
        Path old = Files.createDirectory(folder.resolve(".adacache-work-old"));
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofDays(2))));
        WorkFolder.beside(target()).close();
        assertThat(elsewhere.resolve("precious")).exists();
        assertThat(link).isSymbolicLink();
        assertThat(young).exists();
        assertThat(old).doesNotExist();
    }
}
