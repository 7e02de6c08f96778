package io.adacache.bench.command;

import io.adacache.bench.command.OptionRules.NotWith;
import io.adacache.bench.pipeline.Conditioning;
import io.adacache.bench.pipeline.ConditioningFile;
import io.adacache.bench.pipeline.DemoSettings;
import io.adacache.bench.pipeline.Picture;
import io.adacache.bench.sampler.LatentShape;
import io.adacache.bench.sampler.Noise;
import io.adacache.djl.Manifest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What generations show: prompts, text from files, or made-up text. */
final class TextOptions {
    private static final int USUAL_LENGTH = 12;
    private static final float USUAL_FPS = 24;

    @Option(
            names = "--prompt",
            description = "what a clip shows, for a model file that carries its vocabulary; repeatable")
    private List<String> prompts = new ArrayList<>();

    @Option(names = "--prompts", paramLabel = "FILE", description = "a file with a prompt per line")
    private @Nullable Path promptFile;

    @Option(
            names = "--conditioning",
            paramLabel = "FILE.npz",
            description =
                    "text for any model file: arrays text and nothing [clips, length, channels], perhaps mask [clips, length], fps, and"
                            + " for image-to-video models picture (the latent's channels that are not noise) and image (tokens);"
                            + " repeatable, a generation each")
    private List<Path> conditionings = new ArrayList<>();

    @NotWith("--conditioning")
    @Option(
            names = "--text",
            paramLabel = "L",
            description = "length of the made-up text (default: " + USUAL_LENGTH + ")")
    private @Nullable Integer length;

    @Option(names = "--fps", description = "frames per second that the model is told (default: " + USUAL_FPS + ")")
    private @Nullable Float fps;

    /** What is taken where the user names no text. */
    interface Unnamed {
        /** Returns the prompts for a model that can be prompted; none for made-up text. */
        List<String> prompts();

        /** Returns how many generations there are on made-up text. */
        int madeUp();

        /** So many generations on made-up text, with any model. */
        static Unnamed madeUp(int generations) {
            return of(List.of(), generations);
        }

        /** These prompts for a model that can be prompted, so many generations on made-up text for another. */
        static Unnamed of(List<String> prompts, int generations) {
            return new Unnamed() {
                @Override
                public List<String> prompts() {
                    return prompts;
                }

                @Override
                public int madeUp() {
                    return generations;
                }
            };
        }
    }

    /** Whether the user names any text. */
    boolean isNamed() {
        return !prompts.isEmpty() || promptFile != null || !conditionings.isEmpty();
    }

    /**
     * Returns what the generations show, one or more.
     *
     * @param sizesGiven whether a model that cannot be prompted may get made-up text for a prompt
     * @param seed of made-up text
     */
    List<Subject> subjects(Manifest manifest, LatentShape latent, boolean sizesGiven, long seed, Unnamed unnamed) {
        Ranges.checkOptional("--text", length, Ranges.SIZE);
        if (fps != null && !(fps > 0)) {
            throw new IllegalArgumentException("--fps is above 0, but got " + fps);
        }
        float rows = latent.pixelRows();
        float columns = latent.pixelColumns();
        if (!conditionings.isEmpty()) {
            return ofFiles(latent.batch(), rows, columns);
        }
        List<String> named = named();
        boolean promptable = DemoSettings.has(manifest);
        if (named.isEmpty() && promptable) {
            named = unnamed.prompts();
        }
        if (named.isEmpty()) {
            return IntStream.range(0, unnamed.madeUp())
                    .mapToObj(i -> madeUp(manifest, latent, seed + i))
                    .toList();
        }
        boolean prompted = promptable || !sizesGiven;
        if (prompted && (length != null || fps != null)) {
            throw new IllegalArgumentException((length != null ? "--text" : "--fps")
                    + " does nothing for prompts: the model's file says how long they are and how fast clips run");
        }
        return named.stream()
                .map(prompt -> prompted ? prompted(manifest, latent, prompt) : standIn(manifest, latent, prompt))
                .toList();
    }

    private List<String> named() {
        List<String> all = new ArrayList<>(prompts);
        if (promptFile != null) {
            all.addAll(PromptLists.read(promptFile));
        }
        return all;
    }

    private List<Subject> ofFiles(int batch, float rows, float columns) {
        if (!prompts.isEmpty() || promptFile != null) {
            throw new IllegalArgumentException("--conditioning brings the text; give it or prompts, not both");
        }
        return conditionings.stream()
                .flatMap(file -> ofFile(file, batch, rows, columns))
                .toList();
    }

    /** A file for one clip or one batch is one subject; one with text for several clips is one of each, where the batch is 1. */
    private Stream<Subject> ofFile(Path file, int batch, float rows, float columns) {
        String name = file.getFileName().toString().replaceFirst("\\.npz$", "");
        Conditioning all = ConditioningFile.read(file, fps(), rows, columns);
        List<Conditioning> each = batch == 1 ? all.split() : List.of(all.forBatch(batch));
        return IntStream.range(0, each.size())
                .mapToObj(i -> new Subject(each.size() == 1 ? name : name + " " + (i + 1), each.get(i)));
    }

    /** Returns what generations of one clip each show for these prompts. Throws as {@link DemoSettings#of}. */
    static List<Subject> prompted(Manifest manifest, List<String> prompts) {
        DemoSettings settings = DemoSettings.of(manifest);
        return prompts.stream()
                .map(prompt -> new Subject(prompt, settings.conditioning(prompt)))
                .toList();
    }

    private static Subject prompted(Manifest manifest, LatentShape latent, String prompt) {
        return new Subject(
                prompt, DemoSettings.of(manifest).conditioning(prompt).forBatch(latent.batch()));
    }

    private float fps() {
        return fps == null ? USUAL_FPS : fps;
    }

    /** Noise that depends on the prompt alone. */
    private Subject standIn(Manifest manifest, LatentShape latent, String prompt) {
        return new Subject(prompt, madeUp(manifest, latent, new Noise(prompt.hashCode()), new Noise(0)));
    }

    private Subject madeUp(Manifest manifest, LatentShape latent, long seed) {
        Noise noise = new Noise(~seed);
        return new Subject("made-up text " + seed, madeUp(manifest, latent, noise, noise));
    }

    private Conditioning madeUp(Manifest manifest, LatentShape latent, Noise words, Noise nothing) {
        return Conditioning.madeUp(
                        manifest,
                        latent.batch(),
                        length == null ? USUAL_LENGTH : length,
                        words,
                        nothing,
                        fps(),
                        latent.pixelRows(),
                        latent.pixelColumns())
                .with(Picture.madeUp(manifest, latent, words));
    }
}
