package io.adacache.bench.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A file that the program will write: checked before the work begins, and there whole or not at all afterwards. The content goes to
 * a file of a temporary name in the same folder, which takes the final name when all is on the disk. Immutable.
 */
public final class OutputFile {
    private static final Duration FORGOTTEN = Duration.ofHours(1);

    private final Path given;
    private final Path target;

    private OutputFile(Path given, Path target) {
        this.given = given;
        this.target = target;
    }

    /**
     * Returns the file at a path, after trying whether it can be written.
     *
     * @throws IllegalArgumentException if it cannot; the message says why
     */
    public static OutputFile at(Path path) {
        OutputFile file = new OutputFile(path, resolved(path));
        file.check();
        return file;
    }

    /** Returns a file in a folder that was checked already. */
    static OutputFile inChecked(Path path) {
        return new OutputFile(path, path.toAbsolutePath());
    }

    /** A link stays, and what it leads to is replaced. */
    private static Path resolved(Path path) {
        try {
            return Files.isSymbolicLink(path) ? path.toRealPath() : path.toAbsolutePath();
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    path + " is a link that leads nowhere; remove it, or name another file", e);
        }
    }

    private void check() {
        Path folder = target.getParent();
        if (Files.isDirectory(target) || folder == null) {
            throw new IllegalArgumentException(given + " is a folder; name a file in it");
        }
        if (!Files.isDirectory(folder)) {
            throw new IllegalArgumentException(
                    given + " cannot be written: there is no folder " + folder + "; make it, or name another place");
        }
        if (Files.exists(target) && !Files.isWritable(target)) {
            throw new IllegalArgumentException(given + " cannot be written: permission denied");
        }
        if (isStream()) {
            return;
        }
        sweep(folder);
        Path part = part();
        try {
            Files.createFile(part);
            Files.delete(part);
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    given + " cannot be written: " + FileFault.reason(part.toString(), e) + "; name another place", e);
        }
    }

    /** Removes what killed runs have left of this file: their process is gone, and nobody has touched it for an hour. */
    private void sweep(Path folder) {
        Pattern parts = Pattern.compile(Pattern.quote("." + target.getFileName() + ".") + "([0-9]{1,9})-[0-9]+[.]part");
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Matcher part = parts.matcher(file.getFileName().toString());
                if (part.matches()
                        && ProcessHandle.of(Long.parseLong(part.group(1))).isEmpty()
                        && Files.getLastModifiedTime(file)
                                .toInstant()
                                .isBefore(Instant.now().minus(FORGOTTEN))) {
                    Files.delete(file);
                }
            }
        } catch (IOException | UncheckedIOException e) {
            // They stay for another run.
        }
    }

    /** A terminal, a pipe or a device has no name to swap. */
    private boolean isStream() {
        return Files.exists(target) && !Files.isRegularFile(target);
    }

    private Path part() {
        return target.resolveSibling("." + target.getFileName() + "."
                + ProcessHandle.current().pid() + "-" + Thread.currentThread().getId() + ".part");
    }

    /** Returns the path as it was given. */
    public Path path() {
        return given;
    }

    /**
     * Writes text in UTF-8.
     *
     * @throws FileFault if that fails; what was there before is there still
     */
    public void write(String text) {
        write(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Writes bytes.
     *
     * @throws FileFault if that fails; what was there before is there still
     */
    public void write(byte[] content) {
        if (isStream()) {
            try {
                Files.write(target, content);
            } catch (IOException e) {
                throw FileFault.writing(given, e);
            }
            return;
        }
        Path part = part();
        try {
            fill(part, content);
            move(part);
        } catch (IOException e) {
            discard(part, e);
            throw FileFault.writing(given, e);
        }
    }

    private static void fill(Path part, byte[] content) throws IOException {
        try (FileChannel channel = FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer rest = ByteBuffer.wrap(content);
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
            channel.force(true);
        }
    }

    private void move(Path part) throws IOException {
        try {
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static void discard(Path part, IOException why) {
        try {
            Files.deleteIfExists(part);
        } catch (IOException e) {
            why.addSuppressed(e);
        }
    }

    @Override
    public String toString() {
        return given.toString();
    }
}
