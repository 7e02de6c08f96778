package io.adacache.djl.archive;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A folder for unfinished files, beside the file that they will become. It goes when it is closed; where its process was killed,
 * the next one that works in the same place removes it. A file lock tells whether its owner lives, also from another container.
 */
public final class WorkFolder implements Closeable {
    private static final String PREFIX = ".adacache-work-";
    private static final String OWNER = "owner-";
    private static final String UNOWNED = "new-owner";
    private static final Duration FORGOTTEN = Duration.ofDays(1);

    private final Path path;
    private final FileChannel lock;

    private WorkFolder(Path path, FileChannel lock) {
        this.path = path;
        this.lock = lock;
    }

    /**
     * What is done in a folder.
     *
     * @param <T> what comes of it
     */
    public interface Work<T> {
        /** Fills the folder, and moves what is finished to its place. */
        T in(Path folder) throws IOException;
    }

    /**
     * Works in a folder beside a file, which is gone afterwards.
     *
     * @param target the file to come; its folder exists
     * @throws IOException if something cannot be written; the message names the target, whatever the unfinished file was called
     */
    public static <T> T beside(Path target, Work<T> work) throws IOException {
        try (WorkFolder folder = beside(target)) {
            return work.in(folder.path);
        } catch (ArchiveException e) {
            throw e;
        } catch (FileSystemException e) {
            throw isUnfinished(e.getFile()) ? named(target, e, e.getReason()) : e;
        } catch (IOException e) {
            throw named(target, e, e.getMessage());
        }
    }

    private static boolean isUnfinished(@Nullable String file) {
        if (file == null) {
            return true;
        }
        for (Path part : Path.of(file)) {
            if (part.toString().startsWith(PREFIX)) {
                return true;
            }
        }
        return false;
    }

    private static IOException named(Path target, IOException e, @Nullable String why) {
        String reason = why != null ? why : e.getClass().getSimpleName();
        FileSystemException named = e instanceof AccessDeniedException
                ? new AccessDeniedException(target.toString())
                : new FileSystemException(target.toString(), null, reason);
        named.initCause(e);
        return named;
    }

    /**
     * Makes a folder beside a file, after removing those that killed processes have left there.
     *
     * @param target the file to come; its folder exists
     * @throws IOException if nothing can be made there
     */
    public static WorkFolder beside(Path target) throws IOException {
        Path parent = target.toAbsolutePath().getParent();
        if (parent == null) {
            throw new IOException(target + " is no file");
        }
        sweep(parent);
        Path folder = Files.createTempDirectory(parent, PREFIX);
        try {
            return new WorkFolder(folder, owned(folder));
        } catch (IOException | RuntimeException e) {
            remove(folder);
            throw e;
        }
    }

    /** The lock is taken before its file has the name by which others look for it. */
    private static FileChannel owned(Path folder) throws IOException {
        Path file = folder.resolve(UNOWNED);
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try {
            channel.lock();
            Files.move(file, folder.resolve(OWNER + ProcessHandle.current().pid()));
        } catch (IOException e) {
            // A file system without locks: the folder is known by its age.
        }
        return channel;
    }

    /** Returns the folder. */
    public Path path() {
        return path;
    }

    /** Removes the folder with all files in it. */
    @Override
    public void close() throws IOException {
        lock.close();
        remove(path);
    }

    private static void remove(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.deleteIfExists(file);
            }
        }
        Files.deleteIfExists(folder);
    }

    /** What cannot be removed stays for the next one. Where folders can be swapped for links meanwhile, nothing is removed. */
    private static void sweep(Path parent) {
        try (DirectoryStream<Path> all = Files.newDirectoryStream(parent)) {
            if (all instanceof SecureDirectoryStream<Path> safe) {
                List<Path> folders = new ArrayList<>();
                for (Path each : safe) {
                    if (each.getFileName().toString().startsWith(PREFIX)) {
                        folders.add(each.getFileName());
                    }
                }
                folders.forEach(folder -> sweep(safe, folder));
            }
        } catch (IOException e) {
            // Whoever may write here but not look around leaves things as they are.
        }
    }

    private static void sweep(SecureDirectoryStream<Path> parent, Path folder) {
        try {
            boolean gone;
            try (SecureDirectoryStream<Path> inside = parent.newDirectoryStream(folder, LinkOption.NOFOLLOW_LINKS)) {
                List<Path> files = new ArrayList<>();
                inside.forEach(file -> files.add(file.getFileName()));
                gone = isForsaken(inside, files);
                if (gone) {
                    for (Path file : files) {
                        inside.deleteFile(file);
                    }
                }
            }
            if (gone) {
                parent.deleteDirectory(folder);
            }
        } catch (IOException | RuntimeException e) {
            // Another one was faster, or it belongs to someone else.
        }
    }

    private static boolean isForsaken(SecureDirectoryStream<Path> folder, List<Path> files) throws IOException {
        Path owner = files.stream()
                .filter(file -> file.toString().startsWith(OWNER))
                .findFirst()
                .orElse(null);
        if (owner == null) {
            FileTime changed = folder.getFileAttributeView(BasicFileAttributeView.class)
                    .readAttributes()
                    .lastModifiedTime();
            return changed.toInstant().isBefore(Instant.now().minus(FORGOTTEN));
        }
        // Closing any channel of a file gives up the locks of its process: this process's own folders are not touched.
        return !owner.toString().equals(OWNER + ProcessHandle.current().pid()) && isUnlocked(folder, owner);
    }

    private static boolean isUnlocked(SecureDirectoryStream<Path> folder, Path owner) throws IOException {
        Set<StandardOpenOption> write = Set.of(StandardOpenOption.WRITE);
        try (SeekableByteChannel channel = folder.newByteChannel(owner, write)) {
            return channel instanceof FileChannel file && file.tryLock() != null;
        }
    }
}
