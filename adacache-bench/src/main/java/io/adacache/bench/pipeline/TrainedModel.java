package io.adacache.bench.pipeline;

import io.adacache.bench.files.Resources;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The trained models that this program carries, and for each three lists of prompts that have none in common. */
public enum TrainedModel {
    /** Factorised attention over space and time (Open-Sora's shape), rectified flow. */
    DEMO("/io/adacache/bench/demo_prompts.txt", "/io/adacache/bench/tuning_prompts.txt"),
    /** Joint attention over text and video (CogVideoX's shape), noise prediction. */
    JOINT,
    /** Attention over all tokens and cross-attention (Wan's shape), flow matching, guidance in two calls. */
    WAN;

    private static final String FOLDER = "/io/adacache/bench/";

    private final String shown;
    private final String tuning;

    TrainedModel(String shown, String tuning) {
        this.shown = shown;
        this.tuning = tuning;
    }

    TrainedModel() {
        this.shown = prompts("shown");
        this.tuning = prompts("tuning");
    }

    private String prompts(String list) {
        return FOLDER + "prompts/" + word() + "-" + list + ".txt";
    }

    /** Returns the word that stands for it where a file would be named. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Returns the model that a word stands for; empty if the word is a file's name. */
    public static Optional<TrainedModel> find(String word) {
        return Arrays.stream(values())
                .filter(model -> model.word().equals(word))
                .findFirst();
    }

    /** Returns the prompts to show. */
    public List<String> shownPrompts() {
        return Resources.lines(shown);
    }

    /** Returns the prompts on which settings are chosen; none of them is compared. */
    public List<String> tuningPrompts() {
        return Resources.lines(tuning);
    }

    /** Returns the prompts on which methods are compared; nothing is chosen on them. */
    public List<String> testPrompts() {
        return Resources.lines(prompts("test"));
    }

    /** Copies it out of the program, because the engine loads files only; the copy is deleted when the program ends. */
    public Path copyOut() {
        return Resources.copyOut(FOLDER + word() + ".pt");
    }
}
