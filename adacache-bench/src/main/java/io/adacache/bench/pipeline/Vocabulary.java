package io.adacache.bench.pipeline;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The words that the demo model knows. A prompt is put in lower case and cut at everything that is no letter a to z; fillers are
 * dropped. Immutable.
 *
 * @param words known words; the position is the token
 * @param fillers words that carry nothing
 * @param maxTokens most tokens of a prompt
 */
public record Vocabulary(List<String> words, List<String> fillers, int maxTokens) {
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
            if (!word.isEmpty() && !fillers.contains(word)) {
                tokens.add(words.indexOf(word));
                if (!words.contains(word)) {
                    unknown.add(word);
                }
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
}
