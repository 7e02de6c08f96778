package io.adacache.bench.quality;

import io.adacache.bench.pipeline.Clip;
import io.adacache.bench.pipeline.DemoSettings;
import io.adacache.bench.pipeline.Vocabulary;
import io.adacache.bench.quality.Words.Kind;
import io.adacache.bench.quality.Words.Scene;
import java.util.Map;
import java.util.Optional;

/**
 * Says how much of what a prompt says its clip shows: a measure of quality that needs no reference. For clips of the trained models,
 * whose words and what they look like are known; it compares the clip with drawings. Immutable.
 */
public final class Recogniser {
    private final Vocabulary vocabulary;
    private final World world;

    private Recogniser(Vocabulary vocabulary, World world) {
        this.vocabulary = vocabulary;
        this.world = world;
    }

    /** Returns the recogniser of a model's clips; empty if they are not of one of the worlds that are known here. */
    public static Optional<Recogniser> of(DemoSettings settings) {
        Vocabulary vocabulary = settings.vocabulary();
        World world = vocabulary.parts().isEmpty() ? World.FIRST : World.LATER;
        boolean fits = settings.latent().height() == world.size()
                && settings.latent().width() == world.size()
                && World.knows(vocabulary.words());
        return fits ? Optional.of(new Recogniser(vocabulary, world)) : Optional.empty();
    }

    /**
     * Returns the share of a prompt's words that the clip shows, 0 to 1: colours, shapes, sizes, speeds and directions of its
     * objects, backgrounds, the camera's direction. Of an object whose colour is not there nothing counts as shown. Empty if the
     * clip has another size.
     */
    public Optional<Double> share(String prompt, Clip clip) {
        if (clip.height() != world.size() || clip.width() != world.size() || clip.frames() < 2) {
            return Optional.empty();
        }
        Words words = Words.of(vocabulary, prompt);
        Tally tally = new Tally();
        int frames = clip.frames();
        int scenes = words.scenes().size();
        for (int i = 0; i < scenes; i++) {
            Excerpt excerpt = new Excerpt(clip, world, i * frames / scenes, (i + 1) * frames / scenes);
            judge(words.scenes().get(i), excerpt, tally);
        }
        return Optional.of(tally.share());
    }

    private void judge(Scene scene, Excerpt excerpt, Tally tally) {
        if (!scene.background().isEmpty()) {
            tally.count(excerpt.background().equals(scene.background()));
        }
        if (!scene.camera().isEmpty()) {
            tally.count(excerpt.camera().equals(scene.camera()));
        }
        for (Map<Kind, String> said : scene.objects()) {
            Optional<Map<Kind, String>> seen = excerpt.object(said.get(Kind.COLOUR));
            said.forEach((kind, word) ->
                    tally.count(seen.isPresent() && word.equals(seen.get().get(kind))));
        }
    }

    /** Counts. */
    private static final class Tally {
        private int right;
        private int all;

        void count(boolean shown) {
            right += shown ? 1 : 0;
            all++;
        }

        double share() {
            return all == 0 ? 1 : (double) right / all;
        }
    }
}
