package io.adacache.bench.batch;

import io.adacache.bench.files.FileFault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where clips go: a folder that several processes may write into, on this machine or on a file system that Java knows by its URI. A file is
 * there whole or not at all.
 */
public final class ClipStore {
    private static final Pattern URI_TEXT = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+:.*");
    private static final Pattern PART = Pattern.compile("\\..+\\.([^.]+)\\.(\\d+)\\.part");

    private final Path root;
    private final String host;

    private ClipStore(Path root, String host) {
        this.root = root;
        this.host = host;
    }

    /**
     * Opens it, makes the folder where it is missing, tries whether it can be written into, and removes what killed processes of this
     * machine have left half.
     *
     * @param place a path, or a URI of a file system that is installed
     * @param host name of this machine or container
     * @throws IllegalArgumentException if that does not go; the message says why
     */
    public static ClipStore open(String place, String host) {
        ClipStore store = new ClipStore(path(place), host.replaceAll("[^A-Za-z0-9-]", "-"));
        try {
            Files.createDirectories(store.root);
            store.sweep();
            store.tryToWrite();
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    FileFault.writing(store.root, e).getMessage() + "; name another place", e);
        }
        return store;
    }

    private static Path path(String place) {
        if (!URI_TEXT.matcher(place).matches()) {
            return Path.of(place);
        }
        try {
            return Path.of(URI.create(place));
        } catch (FileSystemNotFoundException e) {
            throw new IllegalArgumentException(
                    "Java knows no file system for " + place + ": put a provider for it on the class path (java -cp"
                            + " adacache-bench.jar:provider.jar io.adacache.bench.Main ...), or mount it as a folder",
                    e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(place + " is neither a folder nor a URI of one: " + e.getMessage(), e);
        }
    }

    private void sweep() throws IOException {
        try (DirectoryStream<Path> parts = Files.newDirectoryStream(root, ".*.part")) {
            for (Path part : parts) {
                Matcher name = PART.matcher(String.valueOf(part.getFileName()));
                if (name.matches() && name.group(1).equals(host) && isGone(Long.parseLong(name.group(2)))) {
                    Files.deleteIfExists(part);
                }
            }
        }
    }

    /** In a container every process has the number of the one before. */
    private static boolean isGone(long process) {
        return process == ProcessHandle.current().pid()
                || ProcessHandle.of(process).isEmpty();
    }

    /** Whether a file is there, which means that it is whole. */
    public boolean has(String name) {
        return Files.isRegularFile(root.resolve(name));
    }

    /** Returns a file's content; empty if there is none. Throws {@link UncheckedIOException}. */
    Optional<byte[]> read(String name) {
        try {
            return has(name) ? Optional.of(Files.readAllBytes(root.resolve(name))) : Optional.empty();
        } catch (NoSuchFileException e) {
            return Optional.empty(); // somebody else has removed it meanwhile
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Under a temporary name alone: whoever is killed here leaves what {@link #sweep} removes. */
    private void tryToWrite() throws IOException {
        Path part = part("trying");
        Files.write(part, new byte[1]);
        Files.delete(part);
    }

    private Path part(String name) {
        return root.resolve(
                "." + name + "." + host + "." + ProcessHandle.current().pid() + ".part");
    }

    /** Writes a file. Throws {@link FileFault}; what was there before is there still, also where the machine goes down meanwhile. */
    public void write(String name, byte[] content) {
        Path part = part(name);
        try {
            fill(part, content);
            move(part, root.resolve(name));
        } catch (IOException e) {
            try {
                Files.deleteIfExists(part);
            } catch (IOException second) {
                e.addSuppressed(second);
            }
            throw FileFault.writing(root.resolve(name), e);
        }
    }

    private static void fill(Path part, byte[] content) throws IOException {
        try (SeekableByteChannel channel = Files.newByteChannel(
                part, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer rest = ByteBuffer.wrap(content);
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
            if (channel instanceof FileChannel file) { // other file systems promise nothing
                file.force(true);
            }
        }
    }

    private static void move(Path part, Path target) throws IOException {
        try {
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    @Override
    public String toString() {
        return root.toString();
    }
}
