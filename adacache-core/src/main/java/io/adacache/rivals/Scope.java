package io.adacache.rivals;

import io.adacache.layout.Layout;
import io.adacache.layout.ResidualKind;
import io.adacache.layout.Site;
import io.adacache.metric.Sums.Rows;
import io.adacache.policy.Setting;
import io.adacache.policy.Settings.Range;
import java.util.List;
import java.util.function.Predicate;

/** What settings may name of a model: those that name what it has not could do nothing, and are refused. */
final class Scope {
    /** How the rows of a batch make one decision. */
    static final Setting<Rows> ROWS = Setting.rows();

    private Scope() {}

    /** Returns a setting that is a whole number of at least so many. */
    static Setting<Integer> atLeast(int least, String name, String help) {
        return Setting.integer(name, help).where(value -> value >= least, least + " or more");
    }

    /** Returns a setting that a measure is compared with; 0 reuses nothing. */
    static Setting<Double> threshold(String help) {
        return Setting.number("threshold", help).where(value -> value >= 0, "0 or more");
    }

    /** Checks that a model has blocks of each range that a setting names. */
    static void blocks(String policy, Setting<?> setting, List<Range> ranges, Layout layout) {
        int blocks = 1 + layout.sites().stream().mapToInt(Site::block).max().orElseThrow();
        for (Range range : ranges) {
            check(
                    range.first() < blocks,
                    policy,
                    setting + "=" + range + " names blocks that the model does not have; its blocks are "
                            + new Range(0, blocks - 1));
        }
    }

    /** Checks that a model has residuals of a kind that a setting is about. */
    static void kind(String policy, Setting<?> setting, Predicate<ResidualKind> kind, Layout layout) {
        check(
                layout.sites().stream().map(Site::kind).anyMatch(kind),
                policy,
                "the setting '" + setting + "' is given, but the model has no such residuals; leave it out");
    }

    /** Returns the warning for a gate that was chosen for longer generations. */
    static String beyond(String policy, int gate, int steps) {
        return "Policy '" + policy + "': gate=" + gate + " lies beyond the " + steps
                + " steps of this generation; it was chosen for longer ones";
    }

    static void check(boolean valid, String policy, String complaint) {
        if (!valid) {
            throw new IllegalArgumentException("Policy '" + policy + "': " + complaint);
        }
    }
}
