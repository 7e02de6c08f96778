package io.adacache.rivals;

import io.adacache.layout.Layout;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.Generation;
import io.adacache.policy.PolicyProvider;
import io.adacache.policy.PolicyRun;
import io.adacache.policy.Settings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Makes the policies of this package from texts, and holds the published constants that tests of several rules use. */
final class Made {
    /** PAB on Open-Sora 1.2; ranges are those of its speed. */
    static final String OPEN_SORA_PAB = "window=450-930,mlp=676;788;864,mlp-blocks=0-4,timestep-dtype=bf16";

    /** TeaCache on Open-Sora 1.2. */
    static final String OPEN_SORA_POLYNOMIAL =
            "polynomial=2.17546007e+02;-1.18329252e+02;2.68662585e+01;-4.59364272e-02;4.84426240e-02";

    private Made() {}

    /** Returns the policy that a text describes, {@code fora:3,mlp=2}, under that text as its name. */
    static CachePolicy policy(String text) {
        String[] parts = text.split(":", 2);
        PolicyProvider provider = Stream.concat(Schedules.providers().stream(), Rivals.providers().stream())
                .filter(each -> each.name().equals(parts[0]))
                .findFirst()
                .orElseThrow();
        Map<String, String> given = new LinkedHashMap<>();
        for (String setting : parts.length == 1 ? new String[0] : parts[1].split(",")) {
            String[] pair = setting.split("=", 2);
            String name = pair.length == 2
                    ? pair[0]
                    : provider.shorthand().orElseThrow().name();
            given.put(name, pair[pair.length - 1]);
        }
        return provider.create(Settings.parse(provider.name(), provider.settings(), given))
                .named(text);
    }

    /** Begins a generation as a session does: what the policy requires is checked before. */
    static PolicyRun begin(String text, Layout layout, Generation generation) {
        CachePolicy policy = policy(text);
        policy.check(layout, generation, "");
        return policy.begin(layout, generation);
    }

    /** Returns a generation of as many steps as timesteps, of one branch. */
    static Generation generation(List<Double> timesteps) {
        return new Generation(timesteps.size(), List.of(Generation.SINGLE_BRANCH), timesteps);
    }
}
