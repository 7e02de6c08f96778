package io.adacache.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.adacache.djl.TorchScriptTransformer.Checks;
import io.adacache.djl.archive.Archive;
import io.adacache.djl.archive.ArchiveWriter;
import io.adacache.djl.manifest.PlainJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files are checked before they are believed: a damaged one is refused, or gives the right numbers. */
class CheckedFileTest {
    private static final long SEED = 1127;
    private static final int FILES = 400;

    @TempDir
    Path folder;

    private Path good;

    /** The small file with a digest. */
    @BeforeEach
    void withDigest() throws IOException {
        good = folder.resolve("good.pt");
        try (Archive archive = Archive.open(TestModels.file(TestModels.SMALL))) {
            String text = new String(archive.read(Archive.MANIFEST, 1 << 20), StandardCharsets.UTF_8);
            ArchiveWriter.copy(archive, good, Map.of(), Set.of(), digest -> {
                Map<String, Object> fields = new LinkedHashMap<>(PlainJson.parse(text));
                fields.put("digest", digest);
                return PlainJson.write(fields);
            });
        }
    }

    private static float[] prediction(Path file) {
        try (TorchScriptTransformer model = TorchScriptTransformer.load(file, Device.cpu());
                NDManager manager = model.newManager();
                NDArray prediction = model.predict(TestModels.inputs(TestModels.SMALL, manager, 1))) {
            return prediction.toFloatArray();
        }
    }

    @Test
    void mutatedFilesAreRefusedOrGiveTheRightNumbers() throws IOException {
        byte[] whole = Files.readAllBytes(good);
        float[] right = prediction(good);
        Path file = folder.resolve("mutated.pt");
        int refused = 0;
        for (int i = 0; i < FILES; i++) {
            Files.write(file, mutated(i % 4, whole, new Random(SEED + i)));
            String what = "file " + i + " of seed " + SEED;
            try {
                ModelFile.checked(file, Checks.ALL);
            } catch (ModelFileException e) {
                assertThat(e).as(what).hasMessageContaining("mutated.pt");
                refused++;
                continue;
            }
            assertThat(prediction(file)).as(what).isEqualTo(right);
        }
        assertThat(refused).isBetween(FILES * 3 / 4, FILES);
    }

    private byte[] mutated(int kind, byte[] whole, Random random) throws IOException {
        switch (kind) {
            case 0 -> {
                byte[] flipped = whole.clone();
                for (int n = 1 + random.nextInt(8); n > 0; n--) {
                    flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(8));
                }
                return flipped;
            }
            case 1 -> {
                return Arrays.copyOf(whole, random.nextInt(whole.length));
            }
            case 2 -> {
                byte[] longer = Arrays.copyOf(whole, whole.length + 1 + random.nextInt(100));
                random.nextBytes(longer);
                System.arraycopy(whole, 0, longer, 0, whole.length);
                return longer;
            }
            default -> {
                return swapped(random);
            }
        }
    }

    /** Two entries under each other's names, with right checksums. */
    private byte[] swapped(Random random) throws IOException {
        List<String> names;
        Map<String, byte[]> contents = new LinkedHashMap<>();
        try (Archive archive = Archive.open(good)) {
            for (String name : archive.entries().keySet()) {
                contents.put(name, archive.read(name, 1 << 20));
            }
            names = new ArrayList<>(contents.keySet());
        }
        String one = names.get(random.nextInt(names.size()));
        String other = names.get(random.nextInt(names.size()));
        byte[] content = contents.get(one);
        contents.put(one, contents.get(other));
        contents.put(other, content);
        return zip(contents, ZipEntry.DEFLATED);
    }

    private static byte[] zip(Map<String, byte[]> contents, int method) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.setMethod(method);
            zip.setLevel(0);
            for (Map.Entry<String, byte[]> entry : contents.entrySet()) {
                zip.putNextEntry(new ZipEntry("m/" + entry.getKey()));
                zip.write(entry.getValue());
            }
        }
        return bytes.toByteArray();
    }

    @Test
    void weightsThatWereExchangedAreNoticedWithoutReadingThem() throws IOException {
        Path file = folder.resolve("exchanged.pt");
        try (Archive archive = Archive.open(good)) {
            byte[] weights = archive.read("data/2", 1 << 20);
            weights[0] ^= 1;
            ArchiveWriter.copy(archive, file, Map.of("data/2", weights), Set.of());
        }
        for (Checks checks : List.of(Checks.ALL, Checks.STRUCTURE)) {
            assertThatThrownBy(() -> ModelFile.checked(file, checks))
                    .isInstanceOf(ModelFileException.class)
                    .hasMessageContaining("are not those that its manifest was written for");
        }
        assertThat(ModelFile.checked(file, Checks.NONE)).isPresent();
    }

    @Test
    void aSiteThatTheManifestDoesNotNameIsMissed() {
        Path file = Archives.withManifest(
                TestModels.file(TestModels.SMALL), folder.resolve("fewer.pt"), text -> withoutLastSite(text));
        assertThatThrownBy(() -> TorchScriptTransformer.load(file, Device.cpu()))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("give another prediction than forward");
    }

    private static String withoutLastSite(String text) {
        Map<String, Object> fields = new LinkedHashMap<>(PlainJson.parse(text));
        List<?> sites = (List<?>) fields.get("sites");
        fields.put("sites", sites.subList(0, sites.size() - 1));
        return PlainJson.write(fields);
    }

    @Test
    void runThatChangesTheLatentIsFound() {
        Path file = WrongFiles.embed(
                folder.resolve("in-place.pt"),
                "Tuple[Tensor, List[Tensor]]",
                "    _9 = torch.mul_(x, 0.5)\n    return (hidden, context)\n");
        assertThatThrownBy(() -> TorchScriptTransformer.load(file, Device.cpu()))
                .isInstanceOf(ModelFileException.class);
    }

    /** What a method takes and returns is read from its text: it is not run, so one that never ends does not end the load. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "def head(self: __torch__.Small) -> Tensor:",
                "def head(self: __torch__.Small,\n    context: List[Tensor],\n    hidden: Tensor) -> Tensor:",
                "def head(self: __torch__.Small,\n    hidden: Tensor,\n    context: List[Tensor]) -> List[Tensor]:"
            })
    void methodsOfOtherTypes(String head) {
        Path file = Archives.rewrite(
                smallWithoutDigest(),
                folder.resolve("types.pt"),
                "__torch__.py",
                text -> text.replaceFirst("(?s)def head\\(.*?:\\n(?=    sizes)", head + "\n"));
        assertThatThrownBy(() -> ModelFile.checked(file, Checks.STRUCTURE))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("does not go with its methods: head has the types");
    }

    @Test
    void inputsInAnotherOrderThanForwardTakesThem() {
        Path file = Archives.withManifest(smallWithoutDigest(), folder.resolve("order.pt"), text -> text.replace(
                        "\"timestep\", \"role\"", "\"time\", \"role\"")
                .replace("\"name\": \"timestep\"", "\"name\": \"time\""));
        assertThatThrownBy(() -> ModelFile.checked(file, Checks.STRUCTURE))
                .hasMessageContaining("forward takes [x, timestep, text], the manifest names [x, time, text]");
    }

    /** libtorch makes room for every place below the one that a pickle names: a few bytes cost gigabytes. */
    @Test
    void aPickleThatStoresFarAway() throws IOException {
        Path file = folder.resolve("memo.pt");
        try (Archive archive = Archive.open(smallWithoutDigest())) {
            byte[] pickle = archive.read("data.pkl", 1 << 20);
            ByteBuffer longer = ByteBuffer.allocate(pickle.length + 7).order(ByteOrder.LITTLE_ENDIAN);
            longer.put(pickle, 0, 2)
                    .put((byte) 'N')
                    .put((byte) 'r')
                    .putInt(0x7fffffff)
                    .put((byte) '0');
            longer.put(pickle, 2, pickle.length - 2);
            ArchiveWriter.copy(archive, file, Map.of("data.pkl", longer.array()), Set.of());
        }
        assertThatThrownBy(() -> ModelFile.checked(file, Checks.ALL))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("stores a value at place 2147483647");
    }

    private Path smallWithoutDigest() {
        return Archives.withoutDigest(TestModels.file(TestModels.SMALL), folder.resolve("plain.pt"));
    }

    @Test
    void aManifestLongerThanAnybodyWrites() throws IOException {
        Path file = folder.resolve("long.pt");
        try (Archive archive = Archive.open(TestModels.file(TestModels.SMALL))) {
            byte[] numbers = ("{\"contract\": [" + "1,".repeat(4 << 20) + "1]}").getBytes(StandardCharsets.UTF_8);
            ArchiveWriter.copy(archive, file, Map.of(Archive.MANIFEST, numbers), Set.of());
        }
        assertThatThrownBy(() -> ModelFile.checked(file, Checks.ALL))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("at most 4194304 are read");
    }

    /** The directory says a few bytes, the packed bytes unfold to many: no more than said is taken, and the file is refused. */
    @Test
    void anEntryWhoseSizeLies() throws IOException {
        Map<String, byte[]> contents = new LinkedHashMap<>();
        contents.put("data.pkl", new byte[10]);
        contents.put("code/x.py", new byte[10]);
        contents.put(Archive.MANIFEST, new byte[50_000_000]);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> entry : contents.entrySet()) {
                zip.putNextEntry(new ZipEntry("m/" + entry.getKey()));
                zip.write(entry.getValue());
            }
        }
        byte[] whole = bytes.toByteArray();
        ByteBuffer buffer = ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN);
        int last = -1;
        for (int i = 0; i + 4 < whole.length; i++) {
            last = buffer.getInt(i) == 0x02014b50 ? i : last;
        }
        buffer.putInt(last + 24, 100);
        Path file = Files.write(folder.resolve("lies.pt"), whole);
        assertThatThrownBy(() -> ModelFile.checked(file, Checks.ALL))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("is damaged");
    }
}
