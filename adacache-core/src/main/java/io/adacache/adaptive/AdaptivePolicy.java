package io.adacache.adaptive;

import io.adacache.layout.Layout;
import io.adacache.layout.Layout.Granularity;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Codebook;
import io.adacache.policy.Generation;
import io.adacache.policy.PolicyProvider;
import io.adacache.policy.PolicyRun;
import io.adacache.policy.Settings;
import io.adacache.policy.Settings.Range;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * AdaCache, as settings and a preset: what texts make, and what {@code AdaCache} is a front for.
 *
 * @param preset gives the codebook where the settings give none
 */
public record AdaptivePolicy(String name, Preset preset, Settings settings) implements CachePolicy {
    private static final String MOTION_SUFFIX = "-moreg";

    /** Returns the codebook for a number of steps: the one that was given, or the preset's. */
    public Codebook codebook(int steps) {
        return settings.find(AdaptiveSettings.CODEBOOK).orElseGet(() -> preset.codebook(steps));
    }

    /** Returns the steps with a motion factor, of so many: what was given, or the published window. */
    public Range motionWindow(int steps) {
        return MotionRegularization.of(settings).window(steps);
    }

    @Override
    public AdaptivePolicy named(String label) {
        return new AdaptivePolicy(label, preset, settings);
    }

    /** While all spans have one schedule, their sum is all that reuse needs. */
    @Override
    public Optional<CachePolicy> lighter() {
        boolean fused = settings.get(AdaptiveSettings.SPANS) == Granularity.FUSED;
        boolean own = settings.get(AdaptiveSettings.SCHEDULE) == AdaptiveSettings.Schedules.OWN;
        if (fused || own) {
            return Optional.empty();
        }
        return Optional.of(new AdaptivePolicy(
                name.replaceAll("spans=\\w+", "spans=fused"),
                preset,
                settings.with(AdaptiveSettings.SPANS, Granularity.FUSED)));
    }

    @Override
    public Set<Requirement> requirements() {
        return Set.of(Requirement.SITES);
    }

    @Override
    public PolicyRun begin(Layout layout, Generation generation) {
        return new AdaptiveRun(new AdaptiveConfig(preset, settings, layout, generation.steps()), layout);
    }

    /** Returns one provider per preset, with and without motion regularisation. */
    public static List<PolicyProvider> providers() {
        List<PolicyProvider> all = new ArrayList<>();
        add(all, "adacache", Preset.FAST, "AdaCache, every switch open; starts from the fast preset");
        for (Preset preset : Preset.values()) {
            add(
                    all,
                    nameOf(preset),
                    preset,
                    switch (preset) {
                        case FAST -> "AdaCache, the published fast codebooks for 30 and 100 steps";
                        case MEDIUM -> "AdaCache between fast and slow; thresholds ours";
                        case SLOW -> "AdaCache, the published slow codebook for 30 steps; for 100 ours";
                    });
        }
        all.add(PlusPolicy.provider());
        return all;
    }

    /** Returns the name of a preset: {@code adacache-fast}. */
    public static String nameOf(Preset preset) {
        return "adacache-" + preset.name().toLowerCase(Locale.ROOT);
    }

    private static void add(List<PolicyProvider> all, String name, Preset preset, String summary) {
        all.add(provider(name, preset, summary, false));
        all.add(provider(name + MOTION_SUFFIX, preset, summary + "; with motion regularisation", true));
    }

    private static PolicyProvider provider(String name, Preset preset, String summary, boolean motion) {
        return PolicyProvider.of(
                name,
                summary,
                null,
                AdaptiveSettings.all(motion),
                settings -> new AdaptivePolicy(name, preset, settings));
    }

    @Override
    public String toString() {
        return name;
    }
}
