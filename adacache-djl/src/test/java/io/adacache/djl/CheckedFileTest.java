package io.adacache.djl;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Files are checked before they are believed. */
class CheckedFileTest {
    @Test
    void everyCommittedFilePasses() throws IOException {
        try (Stream<Path> files = Files.list(TestModels.resource("models"))) {
            for (Path file : (Iterable<Path>) files.filter(f -> f.toString().endsWith(".pt"))::iterator) {
                try {
                    System.err.println(file.getFileName() + " "
                            + ModelFile.checked(file, TorchScriptTransformer.Checks.ALL)
                                    .isPresent());
                } catch (ModelFileException e) {
                    System.err.println(e.getMessage());
                }
            }
        }
        try (Stream<Path> files = Files.list(TestModels.resource("/traced"))) {
            for (Path file : (Iterable<Path>) files.filter(f -> f.toString().endsWith(".pt"))::iterator) {
                try {
                    System.err.println(file.getFileName() + " "
                            + ModelFile.checked(file, TorchScriptTransformer.Checks.ALL)
                                    .isPresent());
                } catch (ModelFileException e) {
                    System.err.println(e.getMessage());
                }
            }
        }
    }
}
