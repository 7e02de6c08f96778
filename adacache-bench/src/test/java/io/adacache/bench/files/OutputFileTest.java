package io.adacache.bench.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class OutputFileTest {
    @TempDir
    Path folder;

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void trialAndContentLeaveNothingElseBehind() throws IOException {
        OutputFile file = OutputFile.at(folder.resolve("a.json"));
        assertThat(names()).as("tried, not written").isEmpty();
        file.write("one");
        file.write("two");
        assertThat(names()).containsExactly("a.json");
        assertThat(Files.readString(folder.resolve("a.json"))).isEqualTo("two");
    }

    @Test
    void placesThatCannotBeWrittenAreRefusedAtOnce() {
        assertThatThrownBy(() -> OutputFile.at(folder.resolve("none/a.json")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("none/a.json cannot be written: there is no folder");
        assertThatThrownBy(() -> OutputFile.at(folder)).hasMessageContaining("is a folder");
    }

    @Test
    void aLinkStaysALink() throws IOException {
        Path target = Files.writeString(folder.resolve("target"), "old");
        Path link = Files.createSymbolicLink(folder.resolve("link"), target);
        OutputFile.at(link).write("new");
        assertThat(Files.isSymbolicLink(link)).isTrue();
        assertThat(Files.readString(target)).isEqualTo("new");
        Path dead = Files.createSymbolicLink(folder.resolve("dead"), folder.resolve("gone"));
        assertThatThrownBy(() -> OutputFile.at(dead)).hasMessageContaining("leads nowhere");
    }

    /** A full disk: what was there before stays, nothing is left beside it, and the message names the file. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void aFullDiskIsNamedAndADeviceIsNotReplaced() {
        OutputFile full = OutputFile.at(Path.of("/dev/full"));
        assertThatThrownBy(() -> full.write("x"))
                .isInstanceOf(FileFault.class)
                .hasMessageContaining("/dev/full could not be written: no space is left there");
        OutputFile nothing = OutputFile.at(Path.of("/dev/null"));
        nothing.write("x");
        assertThat(Files.isRegularFile(Path.of("/dev/null"))).isFalse();
    }

    @Test
    void whatAKilledRunLeftIsRemovedByTheNext() throws IOException {
        FileTime old = FileTime.from(Instant.now().minus(Duration.ofHours(2)));
        Path forsaken = Files.createFile(folder.resolve(".a.json.999999999-1.part"));
        Path young = Files.createFile(folder.resolve(".a.json.999999998-1.part"));
        Path alive = Files.createFile(
                folder.resolve(".a.json." + ProcessHandle.current().pid() + "-77.part"));
        Path other = Files.createFile(folder.resolve(".b.json.999999999-1.part"));
        for (Path file : List.of(forsaken, alive, other)) {
            Files.setLastModifiedTime(file, old);
        }
        OutputFile.at(folder.resolve("a.json"));
        assertThat(forsaken).doesNotExist();
        assertThat(List.of(young, alive, other)).allMatch(Files::exists);
    }

    @Test
    void anInterruptLeavesTheOldFileWhole() throws IOException {
        OutputFile file = OutputFile.at(folder.resolve("a"));
        file.write("old");
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> file.write("new")).hasMessageContaining("interrupted");
        assertThat(Thread.interrupted()).isTrue();
        assertThat(names()).containsExactly("a");
        assertThat(Files.readString(folder.resolve("a"))).isEqualTo("old");
    }
}
