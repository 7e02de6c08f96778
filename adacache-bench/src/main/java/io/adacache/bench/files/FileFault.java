package io.adacache.bench.files;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

/** A file could not be read or written for a reason that lies in the machine, not in what the user asked for. The message names it. */
public final class FileFault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private FileFault(String message, Throwable cause) {
        super(message, cause);
    }

    /** Returns the fault of writing a file. */
    public static FileFault writing(Path file, IOException cause) {
        return new FileFault(file + " could not be written: " + reason(file.toString(), cause), cause);
    }

    /** Returns one line that names the file and the reason. */
    public static String message(FileSystemException e) {
        return e.getFile() == null ? reason("", e) : e.getFile() + ": " + reason(e.getFile(), e);
    }

    /** Returns why, in plain words; an exception of the JDK often says no more than the file's name. */
    static String reason(String file, IOException e) {
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        } else if (e instanceof NoSuchFileException) {
            return "no such file or folder";
        } else if (e instanceof FileAlreadyExistsException) {
            return "it is there already";
        } else if (e instanceof NotDirectoryException) {
            return "it is no folder";
        } else if (e.getMessage() != null && e.getMessage().contains("No space left")) {
            return "no space is left there; make some, or name another place";
        } else if (e instanceof CharacterCodingException) {
            return "it is no text in UTF-8";
        } else if (e instanceof ClosedByInterruptException) {
            return "interrupted";
        }
        String why = e instanceof FileSystemException named ? named.getReason() : e.getMessage();
        return why == null || why.isBlank() || why.equals(file) ? e.getClass().getSimpleName() : why;
    }
}
