package io.adacache.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.adacache.djl.Manifest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command that tells a model file afterwards what it cannot know. */
class ManifestCommandTest {
    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void copy() throws IOException {
        file = Files.copy(TestFiles.model("latte-tiny.pt"), folder.resolve("model.pt"));
    }

    @Test
    void showsAndChanges() {
        CommandLineRunner shown = CommandLineRunner.run("manifest", file.toString());
        assertThat(shown.exitCode()).isZero();
        assertThat(shown.out()).contains("\"contract\"").contains("\"sites\"");
        Path out = folder.resolve("out.pt");
        CommandLineRunner changed = CommandLineRunner.run(
                "manifest",
                file.toString(),
                "--out",
                out.toString(),
                "--steps",
                "20",
                "--guidance-scale",
                "3",
                "--recommend",
                "adacache-fast@20:codebook=0.1:3;1:1,location=middle",
                "--sampling",
                "sampler=flow-euler",
                "--sampling",
                "shift=3.0");
        assertThat(changed.err()).isEmpty();
        assertThat(changed.exitCode()).isZero();
        Manifest after = Manifest.read(out);
        assertThat(after.steps()).isEqualTo(20);
        assertThat(after.guidance().scale()).isEqualTo(3);
        assertThat(after.policies().get("adacache-fast@20"))
                .isEqualTo(Map.of("codebook", "0.1:3;1:1", "location", "middle"));
        assertThat(after.details().get("sampling")).isEqualTo(Map.of("sampler", "flow-euler", "shift", 3.0));
    }

    @Test
    void theDigestIsNotedOnceAndForAll() throws IOException {
        Path old = withoutDigest(TestFiles.model("joint-tiny.pt"), folder.resolve("old.pt"));
        assertThat(Manifest.read(old).digest()).isEmpty();
        CommandLineRunner noted = CommandLineRunner.run("manifest", old.toString(), "--digest", "--in-place");
        assertThat(noted.exitCode()).as(noted.err()).isZero();
        assertThat(Manifest.read(old).digest()).isPresent();
        assertThat(CommandLineRunner.run("manifest", old.toString(), "--digest", "--in-place")
                        .err())
                .contains("Nothing would change");
        CommandLineRunner bare = CommandLineRunner.run(
                "manifest", TestFiles.model("latte-xl.json").toString(), "--digest", "--out", "x.json");
        assertThat(bare.err()).contains("a manifest without a model");
        assertThat(bare.exitCode()).isEqualTo(ExitCodes.WRONG_INPUT);
    }

    /** As files are that were written before there were digests. */
    private static Path withoutDigest(Path source, Path target) throws IOException {
        try (ZipFile zip = new ZipFile(source.toFile());
                ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(target))) {
            for (ZipEntry entry : Collections.list(zip.entries())) {
                byte[] content = zip.getInputStream(entry).readAllBytes();
                if (entry.getName().endsWith("adacache.json")) {
                    String text = new String(content, StandardCharsets.UTF_8);
                    content = text.replaceFirst("\"digest\": *\"[0-9a-f]{64}\",", "")
                            .getBytes(StandardCharsets.UTF_8);
                }
                CRC32 crc = new CRC32();
                crc.update(content);
                ZipEntry stored = new ZipEntry(entry.getName());
                stored.setMethod(ZipEntry.STORED);
                stored.setSize(content.length);
                stored.setCrc(crc.getValue());
                out.putNextEntry(stored);
                out.write(content);
            }
        }
        return target;
    }

    @Test
    void wrongInputIsOneErrorAndChangesNothing() throws IOException {
        byte[] before = Files.readAllBytes(file);
        for (String[] wrong : new String[][] {
            {"--recommend", "adacache-fast:nothing=1", "--in-place"},
            {"--recommend", "no-such-policy:a=1", "--in-place"},
            {"--recommend", "adacache-fast", "--in-place"},
            {"--prediction", "guess", "--in-place"},
            {"--steps", "3"},
            {"--in-place"},
            {"--steps", "3", "--in-place", "--out", "x.pt"}
        }) {
            String[] arguments = new String[wrong.length + 2];
            arguments[0] = "manifest";
            arguments[1] = file.toString();
            System.arraycopy(wrong, 0, arguments, 2, wrong.length);
            CommandLineRunner result = CommandLineRunner.run(arguments);
            assertThat(result.exitCode()).as("%s", String.join(" ", wrong)).isNotZero();
            assertThat(result.err()).startsWith("error: ");
        }
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
    }
}
