package io.adacache;

import io.adacache.adaptive.AdaptivePolicy;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.PolicyProvider;
import io.adacache.policy.Setting;
import io.adacache.policy.Settings;
import io.adacache.rivals.Rivals;
import io.adacache.rivals.Schedules;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Policies by name: the built-in ones, and those that a {@link PolicyProvider} on the class path or module path adds.
 *
 * <p>As text: {@code adacache-fast}, {@code every:n=3}, {@code adacache:metric=l2,location=start;end}. Lists within a value are
 * parted by {@code ;} or, where a shell minds that, by {@code +}. Names are taken in lower case, blanks around them do not count.
 */
public final class Policies {
    private static final Pattern NUMBERED = Pattern.compile("(.+)-(\\d+)");
    private static final String HOW = "write name or name:setting=value,setting=value";

    private Policies() {}

    /** Returns the policy that computes every step and keeps nothing: the plain model, with a record. */
    public static CachePolicy none() {
        return parse("none");
    }

    /** Returns all names. */
    public static List<String> names() {
        return List.copyOf(providers().keySet());
    }

    /**
     * Returns what there is to know of a policy: its settings, their defaults, their help.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    public static PolicyProvider provider(String name) {
        PolicyProvider provider = providers().get(plain(name));
        if (provider == null) {
            throw unknown(name);
        }
        return provider;
    }

    /**
     * Returns the policy of that name.
     *
     * @param name one of {@link #names}, or a shorthand such as {@code every-2}
     * @param settings values by name; the rest takes its default
     * @throws IllegalArgumentException if there is no policy or setting of a name, or a value does not fit; the message says
     *     what exists and what is expected
     */
    public static CachePolicy of(String name, Map<String, String> settings) {
        Text text = Text.of(plain(name), settings);
        return create(text.provider, text.settings);
    }

    /**
     * Returns the policy that a text describes: {@code name} or {@code name:setting=value,setting=value}. Throws as
     * {@link #of}.
     */
    public static CachePolicy parse(String text) {
        Text read = Text.of(text);
        return create(read.provider, read.settings);
    }

    /**
     * Returns the policy that a text describes, with settings that a model recommends where the text says nothing. Throws as
     * {@link #of}.
     *
     * @param recommended settings by policy name, or by name and bare value ({@code pab:fast}); each also with the number of steps
     *     that they are for ({@code adacache-fast@50}); what is more special wins
     * @param steps number of steps of the generation
     */
    public static CachePolicy parse(String text, Map<String, Map<String, String>> recommended, int steps) {
        Text read = Text.of(text);
        Map<String, String> all = new LinkedHashMap<>();
        read.keys().forEach(key -> {
            all.putAll(recommended.getOrDefault(key, Map.of()));
            all.putAll(recommended.getOrDefault(key + "@" + steps, Map.of()));
        });
        all.putAll(read.settings);
        return create(read.provider, all);
    }

    private static CachePolicy create(PolicyProvider provider, Map<String, String> texts) {
        Settings settings = Settings.parse(provider.name(), provider.settings(), texts);
        CachePolicy policy = provider.create(settings);
        if (policy == null) {
            throw new IllegalStateException("The provider of policy '" + provider.name() + "' returned null");
        }
        CachePolicy named = policy.named(settings.label());
        return named instanceof AdaptivePolicy adaptive ? AdaCache.of(adaptive) : named;
    }

    private static String plain(String name) {
        return name.trim().toLowerCase(Locale.ROOT);
    }

    /** A text, taken apart: whose policy, which settings. */
    private record Text(PolicyProvider provider, Map<String, String> settings) {
        static Text of(String text) {
            String[] parts = text.trim().split(":", 2);
            PolicyProvider bare = find(plain(parts[0]));
            Map<String, String> settings = new LinkedHashMap<>();
            for (String setting : parts.length == 1 ? new String[0] : parts[1].split(",", -1)) {
                String[] pair = setting.split("=", 2);
                String name = pair.length == 2 ? plain(pair[0]) : shorthand(bare, text);
                if (settings.put(name, pair[pair.length - 1].trim()) != null) {
                    throw new IllegalArgumentException("Policy '" + text + "' sets '" + name + "' twice");
                }
            }
            return of(plain(parts[0]), settings);
        }

        static Text of(String name, Map<String, String> settings) {
            Map<String, String> all = new LinkedHashMap<>();
            PolicyProvider provider = providers().get(name);
            Matcher numbered = NUMBERED.matcher(name);
            if (provider == null && numbered.matches()) {
                provider = find(name);
                all.put(shorthand(provider, name), numbered.group(2));
            }
            if (provider == null) {
                throw unknown(name);
            }
            all.putAll(settings);
            return new Text(provider, all);
        }

        /** The provider of a name, or of the name before its number. */
        private static PolicyProvider find(String name) {
            Matcher numbered = NUMBERED.matcher(name);
            PolicyProvider provider = providers().get(name);
            if (provider == null && numbered.matches()) {
                provider = providers().get(numbered.group(1));
            }
            if (provider == null) {
                throw unknown(name);
            }
            return provider;
        }

        private static String shorthand(PolicyProvider provider, String text) {
            return provider.shorthand()
                    .orElseThrow(() -> new IllegalArgumentException(
                            "'" + text + "' is no policy: '" + provider.name() + "' takes no bare value; " + HOW))
                    .name();
        }

        /** Under what a model may recommend settings, the more special ones last. */
        List<String> keys() {
            String value = provider.shorthand()
                    .map(Setting::name)
                    .map(settings::get)
                    .orElseGet(
                            () -> provider.shorthand().map(Setting::defaultText).orElse(null));
            return value == null ? List.of(provider.name()) : List.of(provider.name(), provider.name() + ":" + value);
        }
    }

    private static IllegalArgumentException unknown(String name) {
        return new IllegalArgumentException("Unknown policy '" + name + "'; known policies: "
                + String.join(", ", providers().keySet()) + ". As text, " + HOW);
    }

    /** Built-in ones first. Others are looked for where this library was loaded, and where the thread loads its classes. */
    private static Map<String, PolicyProvider> providers() {
        Map<String, PolicyProvider> added = new LinkedHashMap<>();
        ClassLoader own = Policies.class.getClassLoader();
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        look(own, provider -> add(added, provider));
        if (context != null && context != own && sees(context)) {
            look(context, provider -> add(added, provider));
        }
        Map<String, PolicyProvider> all = new LinkedHashMap<>();
        Stream.of(Schedules.providers(), AdaptivePolicy.providers(), Rivals.providers())
                .flatMap(List::stream)
                .forEach(provider -> all.put(provider.name(), provider));
        added.forEach((name, provider) -> {
            if (all.put(name, provider) != null) {
                throw twice(name, provider.getClass().getName(), "a built-in one");
            }
        });
        return all;
    }

    private static void look(@Nullable ClassLoader loader, Consumer<PolicyProvider> found) {
        try {
            ServiceLoader.load(PolicyProvider.class, loader).forEach(found);
        } catch (ServiceConfigurationError e) {
            throw new IllegalStateException(
                    "A policy that the class path names cannot be loaded: " + e.getMessage(), e);
        }
    }

    /** A loader with a copy of its own of this library (another application, one that was loaded anew) has nothing for this one. */
    private static boolean sees(ClassLoader loader) {
        try {
            return loader.loadClass(PolicyProvider.class.getName()) == PolicyProvider.class;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    /** The same provider may be found by both loaders. */
    private static void add(Map<String, PolicyProvider> found, PolicyProvider provider) {
        PolicyProvider other = found.putIfAbsent(provider.name(), provider);
        String type = provider.getClass().getName();
        if (other != null && !other.getClass().getName().equals(type)) {
            throw twice(provider.name(), type, other.getClass().getName());
        }
    }

    private static IllegalStateException twice(String name, String one, String other) {
        return new IllegalStateException("Two policies are named '" + name + "': " + one + " and " + other);
    }
}
