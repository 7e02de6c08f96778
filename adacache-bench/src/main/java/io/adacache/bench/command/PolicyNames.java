package io.adacache.bench.command;

import io.adacache.bench.report.Comparison;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Lists of policies on the command line. */
final class PolicyNames {
    private PolicyNames() {}

    /**
     * Cuts texts into policies at spaces and commas. A comma before {@code key=value} goes on with the settings of a policy that
     * has some: {@code every:n=2,adacache:metric=l2,motion=true} are two.
     *
     * @return the uncached policy, then the others, none twice
     */
    static List<String> split(List<String> texts) {
        List<String> found = new ArrayList<>();
        for (String text : texts) {
            for (String word : text.trim().split("\\s+")) {
                String open = "";
                for (String part : word.split(",")) {
                    boolean setting = part.contains("=") && !part.contains(":");
                    if (open.contains(":") && (setting || isValueWithColon(part))) {
                        open = open + "," + part;
                        found.set(found.size() - 1, open);
                    } else if (!part.isEmpty()) {
                        open = part;
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

    /** A setting whose value has a colon, {@code codebook=0.1:2;1:1}: the equals sign comes first. */
    private static boolean isValueWithColon(String part) {
        return part.contains("=") && part.indexOf('=') < part.indexOf(':');
    }
}
