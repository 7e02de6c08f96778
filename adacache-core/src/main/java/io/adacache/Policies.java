package io.adacache;

import io.adacache.policy.CachePolicy;
import io.adacache.policy.PolicyProvider;
import io.adacache.policy.Schedules;
import io.adacache.policy.Setting;
import io.adacache.policy.Settings;
import io.adacache.policy.rivals.Rivals;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Policies by name: the built-in ones, and those that a {@link PolicyProvider} on the class path or module path adds.
 *
 * <p>As text: {@code adacache-fast}, {@code every:n=3}, {@code adacache:metric=l2,location=start;end}. Lists within a value are
 * parted by {@code ;} or, where a shell minds that, by {@code +}.
 */
public final class Policies {
    private static final Pattern NUMBERED = Pattern.compile("(.+)-(\\d+)");
    private static final String HOW = "write name or name:setting=value,setting=value";

    private Policies() {}

    /** Returns all names. */
    public static List<String> names() {
        return List.copyOf(providers().keySet());
    }

    /**
     * Returns the policy of that name.
     *
     * @param name one of {@link #names}, or a shorthand such as {@code every-2}
     * @param settings values by name; the rest takes its default
     * @param steps number of steps of the generation, which presets depend on
     * @throws IllegalArgumentException if there is no policy or setting of a name, or a value does not fit; the message says
     *     what exists and what is expected
     */
    public static CachePolicy of(String name, Map<String, String> settings, int steps) {
        Map<String, PolicyProvider> providers = providers();
        PolicyProvider provider = providers.get(name);
        Map<String, String> all = new LinkedHashMap<>();
        Matcher numbered = NUMBERED.matcher(name);
        if (provider == null && numbered.matches()) {
            provider = providers.get(numbered.group(1));
            if (provider != null) {
                all.put(provider.shorthand().orElseThrow(() -> unknown(name)), numbered.group(2));
            }
        }
        if (provider == null) {
            throw unknown(name);
        }
        all.putAll(settings);
        return provider.create(new Settings(provider, all, steps));
    }

    /**
     * Returns the policy that a text describes: {@code name} or {@code name:setting=value,setting=value}. Throws as
     * {@link #of}.
     */
    public static CachePolicy parse(String text, int steps) {
        return parse(text, steps, Map.of());
    }

    /**
     * Returns the policy that a text describes, with settings that a model recommends where the text says nothing. Throws as
     * {@link #of}.
     *
     * @param recommended settings by policy name, or by {@code name@steps} for a number of steps
     */
    public static CachePolicy parse(String text, int steps, Map<String, Map<String, String>> recommended) {
        String[] parts = text.trim().split(":", 2);
        Map<String, String> settings = new LinkedHashMap<>();
        for (String setting : parts.length == 1 ? new String[0] : parts[1].split(",")) {
            String[] pair = setting.split("=", 2);
            String name = pair.length == 2 ? pair[0].trim() : shorthand(parts[0], text);
            if (settings.put(name, pair[pair.length - 1].trim()) != null) {
                throw new IllegalArgumentException("Policy '" + text + "' sets '" + name + "' twice");
            }
        }
        Map<String, String> all = new LinkedHashMap<>();
        all.putAll(recommended.getOrDefault(parts[0], Map.of()));
        all.putAll(recommended.getOrDefault(parts[0] + "@" + steps, Map.of()));
        all.putAll(settings);
        return of(parts[0], all, steps);
    }

    private static String shorthand(String name, String text) {
        PolicyProvider provider = providers().get(name);
        if (provider == null) {
            throw unknown(name);
        }
        return provider.shorthand()
                .orElseThrow(() -> new IllegalArgumentException("'" + text + "' is no policy; " + HOW));
    }

    /**
     * Returns all policies with their settings and defaults, for help output: a line per policy, and an indented line per setting.
     * Of a policy with the same settings as one before it, only the defaults that differ are shown.
     */
    public static String describe() {
        StringBuilder text = new StringBuilder();
        Map<List<String>, PolicyProvider> described = new HashMap<>();
        for (PolicyProvider provider : providers().values()) {
            List<String> names = provider.settings().stream().map(Setting::name).toList();
            PolicyProvider same = described.putIfAbsent(names, provider);
            describe(provider, same == null || names.isEmpty() ? null : same, text);
        }
        return text.toString();
    }

    /** Returns one policy with its settings and defaults. Throws as {@link #of}. */
    public static String describe(String name) {
        PolicyProvider provider = providers().get(name);
        if (provider == null) {
            throw unknown(name);
        }
        StringBuilder text = new StringBuilder();
        describe(provider, null, text);
        return text.toString();
    }

    /** Describes a policy; of one that has the same settings as another, those whose default differs. */
    private static void describe(PolicyProvider provider, @Nullable PolicyProvider same, StringBuilder text) {
        String as = same == null ? "" : " (settings as " + same.name() + ")";
        text.append(String.format("%-22s %s%s%n", provider.name(), provider.summary(), as));
        for (Setting setting : provider.settings()) {
            if (same == null || !same.settings().contains(setting)) {
                String value = setting.name() + (setting.defaultValue() == null ? "" : "=" + setting.defaultValue());
                text.append(String.format("    %-27s %s%n", value, setting.meaning()));
            }
        }
    }

    private static IllegalArgumentException unknown(String name) {
        return new IllegalArgumentException("Unknown policy '" + name + "'; known policies: "
                + String.join(", ", providers().keySet()) + ". As text, " + HOW);
    }

    private static Map<String, PolicyProvider> providers() {
        Map<String, PolicyProvider> found = new LinkedHashMap<>();
        Stream<PolicyProvider> builtIn = Stream.of(Schedules.providers(), AdaCacheProvider.all(), Rivals.providers())
                .flatMap(List::stream);
        Stream<PolicyProvider> added =
                ServiceLoader.load(PolicyProvider.class).stream().map(ServiceLoader.Provider::get);
        Stream.concat(builtIn, added).forEach(provider -> {
            PolicyProvider other = found.put(provider.name(), provider);
            if (other != null) {
                throw new IllegalStateException("Two policies are named '" + provider.name() + "': "
                        + other.getClass().getName() + " and "
                        + provider.getClass().getName());
            }
        });
        return found;
    }
}
