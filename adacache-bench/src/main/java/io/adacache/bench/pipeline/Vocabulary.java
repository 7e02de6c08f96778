package io.adacache.bench.pipeline;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The words that the demo model knows. A prompt is put in lower case and cut at everything that is no letter a to z; fillers are
 * dropped. Another form of a known word is that word: {@code moves} and {@code moving}, {@code circle} and {@code circles}. Immutable.
 *
 * <p>Some models tell parts of a prompt apart, as in {@code red circle and blue square}: certain words are no tokens but begin another
 * part, and a token is a word together with its part.
 *
 * @param words known words; the position is the token
 * @param fillers words that carry nothing
 * @param maxTokens most tokens of a prompt
 * @param parts words that begin a part, and its number from 1; what is before the first of them is part 0. Empty: no parts are told apart
 */
public record Vocabulary(List<String> words, List<String> fillers, int maxTokens, Map<String, Integer> parts) {
    private static final List<String> ENDINGS = List.of("ing", "ed", "es", "ly", "s");
    private static final int SHORTEST_STEM = 3;

    /** Copies the lists. */
    public Vocabulary {
        words = List.copyOf(words);
        fillers = List.copyOf(fillers);
        parts = Map.copyOf(parts);
    }

    /** Creates one that tells no parts apart. */
    public Vocabulary(List<String> words, List<String> fillers, int maxTokens) {
        this(words, fillers, maxTokens, Map.of());
    }

    /**
     * A word of a prompt.
     *
     * @param word its position among the known words
     * @param part of the prompt that it belongs to
     */
    public record Token(int word, int part) {}

    /** Returns which channels of a token are 1. */
    List<Integer> hot(Token token) {
        return parts.isEmpty() ? List.of(token.word()) : List.of(token.word(), words.size() + token.part());
    }

    /**
     * Returns the tokens of a prompt, 1 to {@link #maxTokens} of them.
     *
     * @throws IllegalArgumentException if a word is unknown, or none or too many remain
     */
    public List<Token> tokens(String prompt) {
        List<Token> tokens = new ArrayList<>();
        List<String> unknown = new ArrayList<>();
        int part = 0;
        for (String word : prompt.toLowerCase(Locale.ROOT).split("[^a-z]+")) {
            int token = find(words, word);
            if (parts.containsKey(word)) {
                part = parts.get(word);
            } else if (token >= 0) {
                tokens.add(new Token(token, part));
            } else if (!word.isEmpty() && find(fillers, word) < 0) {
                unknown.add(word + meant(word));
            }
        }
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("Unknown in the prompt '" + prompt + "': " + String.join(", ", unknown)
                    + ". This model knows: " + String.join(", ", words) + "; it ignores: " + String.join(", ", fillers)
                    + (parts.isEmpty()
                            ? ""
                            : "; another part begins with: "
                                    + String.join(
                                            ", ",
                                            parts.keySet().stream().sorted().toList())));
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
