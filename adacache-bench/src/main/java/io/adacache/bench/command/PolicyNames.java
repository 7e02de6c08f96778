package io.adacache.bench.command;

import io.adacache.bench.report.Comparison;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Lists of policies on the command line. */
final class PolicyNames {
    private PolicyNames() {}

    /**
     * Cuts texts into policies at spaces and commas; capitals in names and blanks around commas mean nothing. A comma before {@code key=value} goes on with the settings of a policy that
     * has some: {@code every:n=2,adacache:metric=l2,motion=true} are two.
     *
     * @throws IllegalArgumentException if a list has nothing between two commas, or at an end
     * @return the uncached policy, then the others, none twice
     */
    static List<String> split(List<String> texts) {
        List<String> found = new ArrayList<>();
        for (String text : texts) {
            for (String word : tight(text).split("\\s+")) {
                String open = "";
                String[] parts = word.split(",", -1);
                OptionRules.noHole("A list of policies", text, parts);
                for (String part : parts) {
                    boolean setting = part.contains("=") && !part.contains(":");
                    if (open.contains(":") && (setting || isValueWithColon(part))) {
                        open = open + "," + part;
                        found.set(found.size() - 1, open);
                    } else {
                        open = lowerName(part);
                        found.add(open);
                    }
                }
            }
        }
        Set<String> all = new LinkedHashSet<>();
        all.add(Comparison.UNCACHED);
        all.addAll(found);
        return List.copyOf(all);
    }

    /** Blanks around what joins a policy's parts mean nothing. */
    private static String tight(String text) {
        return text.trim().replaceAll("\\s*([,:=])\\s*", "$1");
    }

    /** Names are told apart without regard to capitals; the same name twice is one policy. */
    private static String lowerName(String policy) {
        int colon = policy.indexOf(':');
        return colon < 0
                ? policy.toLowerCase(Locale.ROOT)
                : policy.substring(0, colon).toLowerCase(Locale.ROOT) + policy.substring(colon);
    }

    /** A setting whose value has a colon, {@code codebook=0.1:2;1:1}: the equals sign comes first. */
    private static boolean isValueWithColon(String part) {
        return part.contains("=") && part.indexOf('=') < part.indexOf(':');
    }
}
