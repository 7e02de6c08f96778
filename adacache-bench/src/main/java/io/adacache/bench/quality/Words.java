package io.adacache.bench.quality;

import io.adacache.bench.pipeline.Vocabulary;
import io.adacache.bench.pipeline.Vocabulary.Token;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a prompt of the trained models says, by what it is said of. */
record Words(List<Scene> scenes) {
    /** What a word can tell. */
    enum Kind {
        COLOUR,
        SHAPE,
        SIZE,
        SPEED,
        DIRECTION,
        BACKGROUND
    }

    /**
     * A scene between cuts.
     *
     * @param objects what is said of each object
     * @param background the word for it, or empty
     * @param camera the word for its direction, or empty
     */
    record Scene(List<Map<Kind, String>> objects, String background, String camera) {}

    /**
     * Reads a prompt.
     *
     * @throws IllegalArgumentException if the vocabulary does not know a word
     */
    static Words of(Vocabulary vocabulary, String prompt) {
        List<Token> tokens = vocabulary.tokens(prompt);
        int camera = vocabulary.parts().getOrDefault("camera", -1);
        int then = vocabulary.parts().getOrDefault("then", -1);
        List<Scene> scenes = new ArrayList<>();
        scenes.add(scene(
                vocabulary,
                tokens.stream().filter(token -> token.part() != then).toList(),
                camera));
        List<Token> later =
                tokens.stream().filter(token -> token.part() == then).toList();
        if (!later.isEmpty()) {
            scenes.add(scene(vocabulary, later, camera));
        }
        return new Words(scenes);
    }

    private static Scene scene(Vocabulary vocabulary, List<Token> tokens, int camera) {
        Map<Integer, Map<Kind, String>> objects = new TreeMap<>();
        String background = "";
        String panning = "";
        for (Token token : tokens) {
            String word = vocabulary.words().get(token.word());
            Kind kind = World.kind(word);
            if (token.part() == camera) {
                panning = word;
            } else if (kind == Kind.BACKGROUND) {
                background = word;
            } else {
                objects.computeIfAbsent(token.part(), part -> new EnumMap<>(Kind.class))
                        .put(kind, word);
            }
        }
        return new Scene(List.copyOf(objects.values()), background, panning);
    }
}
