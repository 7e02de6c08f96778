package io.adacache.bench.report;

import java.util.regex.Pattern;

/** Which policies are settings of one method, and so points of one curve. */
final class Family {
    /** What the names of all families of AdaCache begin with. */
    static final String ADACACHE = "adacache";

    private static final String PLUS = "adacache-plus";

    private static final Pattern NUMBER = Pattern.compile("-\\d+$");
    private static final Pattern FORECAST = Pattern.compile("[:,]forecast=[1-9]");

    private Family() {}

    /** Returns the family of a policy as it was asked for: {@code adacache-moreg} of {@code adacache-fast-moreg:motion-scale=1}. */
    static String of(String policy) {
        if (policy.startsWith(Comparison.TWIN)) {
            return "even twins";
        }
        String name = NUMBER.matcher(policy.split(":", 2)[0]).replaceFirst("");
        boolean forecast = FORECAST.matcher(policy).find();
        if (name.equals(PLUS)) {
            return PLUS;
        }
        if (!name.startsWith(ADACACHE)) {
            return name + (forecast ? "+forecast" : "");
        }
        boolean motion = name.endsWith("-moreg") || policy.contains("motion=true");
        return ADACACHE + (motion ? "-moreg" : "") + (forecast ? "+forecast" : "");
    }

    static boolean isAdaCache(String family) {
        return family.startsWith(ADACACHE);
    }
}
