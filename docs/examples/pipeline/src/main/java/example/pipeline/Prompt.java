package example.pipeline;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Where a text encoder stands in a real service: the demo model knows a few dozen words. */
final class Prompt {
    private Prompt() {}

    /**
     * Returns the words' tokens.
     *
     * @throws IllegalArgumentException if a word is unknown, or none or too many remain; the message says what is known
     */
    static List<Integer> tokens(String prompt, List<String> words, List<String> fillers, int most) {
        List<Integer> tokens = new ArrayList<>();
        for (String word : prompt.toLowerCase(Locale.ROOT).split("[^a-z]+")) {
            int token = words.indexOf(word);
            if (token >= 0) {
                tokens.add(token);
            } else if (!word.isEmpty() && !fillers.contains(word)) {
                throw new IllegalArgumentException(
                        "unknown word '" + word + "' in the prompt; this model knows: " + String.join(", ", words));
            }
        }
        if (tokens.isEmpty() || tokens.size() > most) {
            throw new IllegalArgumentException(
                    "a prompt has 1 to " + most + " known words, but this one has " + tokens.size());
        }
        return tokens;
    }
}
