package io.adacache.djl.instrument;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A thousand damaged archives: each is refused with a reason, or gives a file that was verified; nothing else may happen. */
class MutationTest {
    private static final long SEED = 411;
    private static final int FILES = 1000;
    private static final Pattern WORD = Pattern.compile("[A-Za-z_][A-Za-z_0-9]*|[0-9]+|[()\\[\\],=.:]");

    @TempDir
    Path folder;

    @Test
    void noCrashNoHangNoWrongFile() throws IOException {
        Path source = TracedFiles.file("tiny.pt");
        byte[] whole = Files.readAllBytes(source);
        Map<String, byte[]> entries = TracedFiles.entries(source);
        Path in = folder.resolve("in.pt");
        Path out = folder.resolve("out.pt");
        InstrumentOptions options =
                InstrumentOptions.builder().timeLimit(Duration.ofSeconds(60)).build();
        int written = 0;
        int refused = 0;
        for (int i = 0; i < FILES; i++) {
            Random random = new Random(SEED + i);
            byte[] mutated = mutate(i % 4, whole, entries, random);
            Files.write(in, mutated);
            try {
                Instrumenter.instrument(in, out, options);
                assertThat(out).as("file %d of seed %d", i, SEED).isRegularFile();
                Files.delete(out);
                written++;
            } catch (InstrumentException e) {
                assertThat(e.getMessage()).as("file %d of seed %d", i, SEED).isNotBlank();
                refused++;
            }
            assertThat(Files.readAllBytes(in))
                    .as("input %d of seed %d", i, SEED)
                    .isEqualTo(mutated);
            assertThat(folder.toFile().list()).as("file %d of seed %d", i, SEED).containsExactly("in.pt");
        }
        assertThat(written + refused).isEqualTo(FILES);
        assertThat(refused).isGreaterThan(FILES / 2);
        assertThat(written).as("shuffled archives are whole").isGreaterThan(FILES / 20);
    }

    private static byte[] mutate(int kind, byte[] whole, Map<String, byte[]> entries, Random random)
            throws IOException {
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
                return TracedFiles.zip(shuffled(entries, random));
            }
            default -> {
                return TracedFiles.zip(edited(entries, random));
            }
        }
    }

    /** Another order, which is harmless, or contents under each other's names, which is not. */
    private static List<Map.Entry<String, byte[]>> shuffled(Map<String, byte[]> entries, Random random) {
        List<Map.Entry<String, byte[]>> list = new ArrayList<>(entries.entrySet());
        Collections.shuffle(list, random);
        if (random.nextInt(3) > 0) {
            int a = random.nextInt(list.size());
            int b = random.nextInt(list.size());
            Map.Entry<String, byte[]> first =
                    Map.entry(list.get(a).getKey(), list.get(b).getValue());
            list.set(b, Map.entry(list.get(b).getKey(), list.get(a).getValue()));
            list.set(a, a == b ? list.get(a) : first);
        }
        return list;
    }

    private static List<Map.Entry<String, byte[]>> edited(Map<String, byte[]> entries, Random random) {
        List<String> code =
                entries.keySet().stream().filter(n -> n.endsWith(".py")).toList();
        String chosen = code.get(random.nextInt(code.size()));
        String text = new String(entries.get(chosen), StandardCharsets.UTF_8);
        for (int n = 1 + random.nextInt(2); n > 0; n--) {
            text = random.nextBoolean() ? lines(text, random) : words(text, random);
        }
        List<Map.Entry<String, byte[]>> list = new ArrayList<>();
        for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
            byte[] content = entry.getKey().equals(chosen) ? text.getBytes(StandardCharsets.UTF_8) : entry.getValue();
            list.add(Map.entry(entry.getKey(), content));
        }
        return list;
    }

    private static String lines(String text, Random random) {
        List<String> lines = new ArrayList<>(List.of(text.split("\n")));
        int at = random.nextInt(lines.size());
        switch (random.nextInt(3)) {
            case 0 -> lines.remove(at);
            case 1 -> lines.add(random.nextInt(lines.size()), lines.get(at));
            default -> Collections.swap(lines, at, random.nextInt(lines.size()));
        }
        return String.join("\n", lines) + "\n";
    }

    private static String words(String text, Random random) {
        List<MatchResult> words = WORD.matcher(text).results().toList();
        if (words.isEmpty()) {
            return text;
        }
        MatchResult one = words.get(random.nextInt(words.size()));
        MatchResult other = words.get(random.nextInt(words.size()));
        boolean number = Character.isDigit(one.group().charAt(0)) && random.nextBoolean();
        String replacement = number ? Integer.toString(random.nextInt(100)) : other.group();
        return text.substring(0, one.start()) + replacement + text.substring(one.end());
    }
}
