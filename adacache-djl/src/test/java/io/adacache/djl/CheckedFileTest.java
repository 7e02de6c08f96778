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
                    long t = System.nanoTime();
                    var m = TorchScriptTransformer.load(file, ai.djl.Device.cpu());
                    long t1 = System.nanoTime();
                    m.close();
                    var n = TorchScriptTransformer.load(file, ai.djl.Device.cpu(), TorchScriptTransformer.Checks.NONE);
                    long t2 = System.nanoTime();
                    System.err.println(file.getFileName() + " " + m.comparison() + " " + (t1 - t) / 1000 + " "
                            + (t2 - t1) / 1000 + " live " + m.live());
                    n.close();
                } catch (ModelFileException e) {
                    System.err.println(e.getMessage());
                }
            }
        }
        try (Stream<Path> files = Files.list(TestModels.resource("/traced"))) {
            for (Path file : (Iterable<Path>) files.filter(f -> f.toString().endsWith(".pt"))::iterator) {
                try {
                    long t = System.nanoTime();
                    var m = TorchScriptTransformer.load(file, ai.djl.Device.cpu());
                    long t1 = System.nanoTime();
                    m.close();
                    var n = TorchScriptTransformer.load(file, ai.djl.Device.cpu(), TorchScriptTransformer.Checks.NONE);
                    long t2 = System.nanoTime();
                    System.err.println(file.getFileName() + " " + m.comparison() + " " + (t1 - t) / 1000 + " "
                            + (t2 - t1) / 1000 + " live " + m.live());
                    n.close();
                } catch (ModelFileException e) {
                    System.err.println(e.getMessage());
                }
            }
        }
    }
}
