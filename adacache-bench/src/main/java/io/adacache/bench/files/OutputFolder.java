package io.adacache.bench.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A folder that one run of the program writes into, and no other before this is closed. A lock of the operating system holds it, so
 * that a run that was killed leaves no folder locked.
 */
public final class OutputFolder implements AutoCloseable {
    private static final String LOCK = ".adacache-lock";

    private final Path path;
    private final boolean made;
    private final FileChannel lock;

    private OutputFolder(Path path, boolean made, FileChannel lock) {
        this.path = path;
        this.made = made;
        this.lock = lock;
    }

    /**
     * Makes the folder where it is missing, tries whether it can be written into, and locks it.
     *
     * @throws IllegalArgumentException if that does not go; the message says why
     */
    public static OutputFolder open(Path path) {
        try {
            boolean made = !Files.exists(path);
            Files.createDirectories(path);
            // Twice is enough unless runs come and go all the time: a lock file may vanish between opening and locking
            // it.
            for (int i = 0; i < 10; i++) {
                FileChannel channel = tryLock(path);
                if (channel != null) {
                    return new OutputFolder(path, made, channel);
                }
            }
        } catch (FileAlreadyExistsException e) {
            throw new IllegalArgumentException(path + " is no folder; name another place", e);
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "The folder " + path + " cannot be written into: " + FileFault.reason(path.toString(), e)
                            + "; name another place",
                    e);
        }
        throw busy(path);
    }

    /**
     * Returns the locked channel, or null where its file was removed by the run before. The file is not opened a second time to find
     * that out: on POSIX systems closing any channel of a file gives up the locks of all.
     */
    private static @Nullable FileChannel tryLock(Path path) throws IOException {
        Path file = path.resolve(LOCK);
        Optional<Object> before = key(file, true);
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        boolean held = false;
        try {
            if (channel.tryLock() == null) {
                throw busy(path);
            }
            held = Files.exists(file) && key(file, false).equals(before);
            return held ? channel : null;
        } catch (OverlappingFileLockException e) {
            throw busy(path);
        } finally {
            if (!held) {
                channel.close();
            }
        }
    }

    /** What tells the file at a path from another that takes its place later; nothing where the system has no such thing. */
    private static Optional<Object> key(Path file, boolean make) throws IOException {
        if (make && !Files.exists(file)) {
            try {
                Files.createFile(file);
            } catch (FileAlreadyExistsException e) {
                // Another run was faster: its lock will tell.
            }
        }
        try {
            return Optional.ofNullable(
                    Files.readAttributes(file, BasicFileAttributes.class).fileKey());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private static IllegalArgumentException busy(Path path) {
        return new IllegalArgumentException(
                "Another run is writing into " + path + "; wait until it has ended, or name another folder");
    }

    /** Returns the folder. */
    public Path path() {
        return path;
    }

    /**
     * Returns a file in this folder, to be written.
     *
     * @param name may begin with the name of a folder in it, which is made
     */
    public OutputFile file(String name) {
        Path file = path.resolve(name).normalize();
        // Absolute, for the folder that one is in has no name of its own.
        Path base = path.toAbsolutePath().normalize();
        Path whole = file.toAbsolutePath().normalize();
        if (!whole.startsWith(base) || whole.equals(base)) {
            throw new IllegalArgumentException("'" + name + "' lies outside of " + path);
        }
        try {
            Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent());
            Files.createDirectories(folder);
            checkInside(folder);
        } catch (IOException e) {
            throw FileFault.writing(file, e);
        }
        return OutputFile.inChecked(file);
    }

    /** A link in this folder does not lead what is written, or removed, to another place. */
    private void checkInside(Path inside) throws IOException {
        if (!inside.toRealPath().startsWith(path.toRealPath())) {
            throw new IllegalArgumentException(
                    inside + " is a link that leads out of " + path + "; remove it, or name another folder");
        }
    }

    /** Returns the names of the files in a folder of this folder; none where there is no such folder. */
    public List<String> names(String folder) {
        Path inside = path.resolve(folder);
        if (!Files.isDirectory(inside)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(inside)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw FileFault.writing(inside, e);
        }
    }

    /** Removes files of a folder of this folder, and the folder if nothing is left in it. */
    public void remove(String folder, Predicate<String> which) {
        List<String> names = names(folder);
        Path inside = path.resolve(folder);
        try {
            if (!names.isEmpty()) {
                checkInside(inside);
            }
            for (String name : names) {
                if (which.test(name)) {
                    Files.delete(inside.resolve(name));
                }
            }
            if (Files.isDirectory(inside) && names(folder).isEmpty()) {
                Files.delete(inside);
            }
        } catch (IOException e) {
            throw FileFault.writing(inside, e);
        }
    }

    /** Lets others write here. A folder that this run made and wrote nothing into goes. */
    @Override
    public void close() {
        try {
            Files.deleteIfExists(path.resolve(LOCK));
            lock.close();
            if (made && names("").isEmpty()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            // The lock ends with the process at the latest; what was written is complete.
        }
    }
}
