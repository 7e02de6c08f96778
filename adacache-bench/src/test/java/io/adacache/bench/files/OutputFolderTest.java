package io.adacache.bench.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputFolderTest {
    @TempDir
    Path folder;

    @Test
    void oneWriterAtATime() {
        Path shared = folder.resolve("shared");
        try (OutputFolder first = OutputFolder.open(shared)) {
            first.file("a").write("x");
            assertThatThrownBy(() -> OutputFolder.open(shared))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("Another run is writing into");
        }
        try (OutputFolder second = OutputFolder.open(shared)) {
            assertThat(second.names("")).contains("a");
        }
        assertThat(shared).isDirectoryContaining(file -> file.endsWith("a")).isDirectoryNotContaining("glob:**lock");
    }

    /** Another process: a lock within one JVM is refused in another way. */
    @Test
    void aFolderIsLockedForOtherProcesses() throws IOException, InterruptedException {
        try (OutputFolder ours = OutputFolder.open(folder)) {
            ours.file("a").write("x");
            Process other = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            Opens.class.getName(),
                            folder.toString())
                    .redirectErrorStream(true)
                    .start();
            String said = new String(other.getInputStream().readAllBytes());
            assertThat(other.waitFor()).as(said).isEqualTo(1);
            assertThat(said).contains("Another run is writing into " + folder);
        }
    }

    /** Opens a folder. */
    static final class Opens {
        private Opens() {}

        public static void main(String[] args) {
            OutputFolder.open(Path.of(args[0])).close();
        }
    }

    @Test
    void noNameLeavesTheFolder() {
        try (OutputFolder open = OutputFolder.open(folder)) {
            assertThatThrownBy(() -> open.file("../a")).hasMessageContaining("lies outside of");
            assertThatThrownBy(() -> open.file("b/../../a")).hasMessageContaining("lies outside of");
            assertThatThrownBy(() -> open.file("/etc/a")).hasMessageContaining("lies outside of");
        }
    }

    @Test
    void whatIsNoFolderIsNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "x");
        assertThatThrownBy(() -> OutputFolder.open(file)).hasMessageContaining(file + " is no folder");
        assertThatThrownBy(() -> OutputFolder.open(file.resolve("in"))).hasMessageContaining(file.toString());
    }

    @Test
    void aFolderInWhichNothingWasWrittenGoes() {
        OutputFolder.open(folder.resolve("new")).close();
        assertThat(folder.resolve("new")).doesNotExist();
        OutputFolder.open(folder).close();
        assertThat(folder).as("it was there before").exists();
    }

    @Test
    void aLinkInTheFolderLeadsNothingOutOfIt() throws IOException {
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        Path precious = Files.writeString(elsewhere.resolve("case-00001.json"), "precious");
        Path made = Files.createDirectory(folder.resolve("made"));
        Files.createSymbolicLink(made.resolve("clips"), elsewhere);
        try (OutputFolder open = OutputFolder.open(made)) {
            assertThatThrownBy(() -> open.file("clips/a.gif")).hasMessageContaining("leads out of");
            assertThatThrownBy(() -> open.remove("clips", name -> true)).hasMessageContaining("leads out of");
        }
        assertThat(precious).hasContent("precious");
        Path link = Files.createSymbolicLink(folder.resolve("link"), made);
        try (OutputFolder open = OutputFolder.open(link)) {
            open.file("own/a.txt").write("a");
        }
        assertThat(made.resolve("own/a.txt")).hasContent("a");
    }

    /** What commands write into where no folder is named. */
    @Test
    void theFolderThatOneIsInIsAFolder() {
        for (String here : new String[] {".", "./", "src/.."}) {
            try (OutputFolder open = OutputFolder.open(Path.of(here))) {
                assertThat(open.file("a.gif").path().toAbsolutePath().normalize())
                        .isEqualTo(Path.of("a.gif").toAbsolutePath());
                assertThatThrownBy(() -> open.file("../a.gif")).hasMessageContaining("lies outside of");
                assertThatThrownBy(() -> open.file(".")).hasMessageContaining("lies outside of");
            }
        }
        assertThat(Path.of(".adacache-lock")).doesNotExist();
    }
}
