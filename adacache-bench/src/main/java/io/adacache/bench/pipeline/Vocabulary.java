package io.adacache.bench.pipeline;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * The words that the demo model knows. A prompt is put in lower case and cut at everything that is no letter a to z; fillers are
 * dropped. Another form of a known word is that word: {@code moves} and {@code moving}, {@code circle} and {@code circles}. Immutable.
 *
 * @param words known words; the position is the token
 * @param fillers words that carry nothing
 * @param maxTokens most tokens of a prompt
 */
public record Vocabulary(List<String> words, List<String> fillers, int maxTokens) {
    private static final List<String> ENDINGS = List.of("ing", "ed", "es", "ly", "s");
    private static final int SHORTEST_STEM = 3;

    /** Copies the lists. */
    public Vocabulary {
        words = List.copyOf(words);
        fillers = List.copyOf(fillers);
    }

    /**
     * Returns the tokens of a prompt, 1 to {@link #maxTokens} of them.
     *
     * @throws IllegalArgumentException if a word is unknown, or none or too many remain
     */
    public List<Integer> tokens(String prompt) {
        List<Integer> tokens = new ArrayList<>();
        List<String> unknown = new ArrayList<>();
        for (String word : prompt.toLowerCase(Locale.ROOT).split("[^a-z]+")) {
            int token = find(words, word);
            if (token >= 0) {
                tokens.add(token);
            } else if (!word.isEmpty() && find(fillers, word) < 0) {
                unknown.add(word + meant(word));
            }
        }
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("Unknown in the prompt '" + prompt + "': " + String.join(", ", unknown)
                    + ". This model knows: " + String.join(", ", words) + "; it ignores: "
                    + String.join(", ", fillers));
        }
        if (tokens.isEmpty() || tokens.size() > maxTokens) {
            throw new IllegalArgumentException("A prompt has 1 to " + maxTokens + " known words, but '" + prompt
                    + "' has " + tokens.size() + ". This model knows: " + String.join(", ", words));
        }
        return tokens;
    }

    /** Returns the position of a word, or of the first that has the same stem; -1 without one. */
    private static int find(List<String> known, String word) {
        int exact = known.indexOf(word);
        String stem = stem(word);
        return exact >= 0
                ? exact
                : known.stream().map(Vocabulary::stem).toList().indexOf(stem);
    }

    private static String stem(String word) {
        String stem = word;
        for (String ending : ENDINGS) {
            if (word.endsWith(ending) && word.length() - ending.length() >= SHORTEST_STEM) {
                stem = word.substring(0, word.length() - ending.length());
                break;
            }
        }
        return stem.length() > SHORTEST_STEM && stem.endsWith("e") ? stem.substring(0, stem.length() - 1) : stem;
    }

    private String meant(String word) {
        return words.stream()
                .filter(known -> edits(word, known) <= (word.length() + 1) / 3)
                .min(Comparator.comparingInt(known -> edits(word, known)))
                .map(known -> " (did you mean '" + known + "'?)")
                .orElse("");
    }

    /** The least number of letters to change, add or take away (Levenshtein). */
    private static int edits(String a, String b) {
        int[] row = new int[b.length() + 1];
        Arrays.setAll(row, i -> i);
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int k = 1; k <= b.length(); k++) {
                int changed = diagonal + (a.charAt(i - 1) == b.charAt(k - 1) ? 0 : 1);
                diagonal = row[k];
                row[k] = Math.min(changed, Math.min(row[k], row[k - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
