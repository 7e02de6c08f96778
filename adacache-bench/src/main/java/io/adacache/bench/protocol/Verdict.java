package io.adacache.bench.protocol;

import io.adacache.bench.protocol.Method.Kind;
import io.adacache.bench.report.Interval;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What the standings come to: who is best at each speed, and by how much the method that all are held against leads whom.
 *
 * @param against that method
 * @param kinds of all methods, by name
 * @param standings of one axis
 */
record Verdict(String against, Map<String, Kind> kinds, List<Standing> standings) {
    /** Between these speeds leads are averaged: slower, all are good; faster, none is. */
    private static final double SLOWEST = 1.3;

    private static final double FASTEST = 4;
    private static final String NOBODY = "";

    /** Whom the method is held against, by what a reader asks. */
    private Map<String, Predicate<Standing>> rivals() {
        Map<String, Predicate<Standing>> rivals = new LinkedHashMap<>();
        rivals.put("best rival without forecast", each -> kinds.get(each.method()) == Kind.REPEATS);
        rivals.put(
                "best rival with forecast",
                each -> kinds.get(each.method()) == Kind.FORECASTS || kinds.get(each.method()) == Kind.PLANNED);
        rivals.put("adacache as published", each -> each.method().equals("adacache-published"));
        rivals.put("best schedule planned on the tuning prompts", each -> kinds.get(each.method()) == Kind.PLANNED);
        rivals.put(
                "its own curve, tuned",
                each -> kinds.get(each.method()) == Kind.OWN && !each.method().equals(against));
        return rivals;
    }

    private Optional<Standing> best(double speed, Predicate<Standing> which) {
        return standings.stream()
                .filter(each -> each.speed() == speed && which.test(each))
                .max(Comparator.comparingDouble(each -> each.psnr().value()));
    }

    /** Returns a row per speed: who is best of all, and of each kind of rival the best and the lead over it. */
    List<List<String>> rows() {
        List<List<String>> rows = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of("speed", "best of all"));
        rivals().keySet().forEach(name -> head.add(name + ": lead over it"));
        rows.add(head);
        for (double speed : Standings.SPEEDS) {
            Optional<Standing> winner = best(speed, each -> true);
            if (winner.isEmpty()) {
                continue;
            }
            List<String> row =
                    new ArrayList<>(List.of(String.format(Locale.ROOT, "%.2fx", speed), shown(winner.get())));
            rivals().values()
                    .forEach(which -> row.add(best(speed, which)
                            .map(rival -> shown(rival) + lead(rival.lead()))
                            .orElse(NOBODY)));
            rows.add(row);
        }
        return rows;
    }

    private static String shown(Standing standing) {
        return String.format(
                Locale.ROOT, "`%s` %.1f", standing.method(), standing.psnr().value());
    }

    private static String lead(@Nullable Interval lead) {
        return ": " + (lead == null ? "-" : ProtocolReport.lead(lead));
    }

    /** Returns a sentence per kind of rival: the mean lead, and where it is least. */
    List<String> sentences() {
        List<String> sentences = new ArrayList<>();
        rivals().forEach((name, which) -> {
            List<Standing> leads = Standings.SPEEDS.stream()
                    .filter(speed -> speed >= SLOWEST && speed <= FASTEST)
                    .flatMap(speed -> best(speed, which).stream())
                    .filter(rival -> rival.lead() != null)
                    .toList();
            sentences.add(leads.isEmpty() ? "Over " + name + ": nothing to compare." : sentence(name, leads));
        });
        return sentences;
    }

    private String sentence(String name, List<Standing> leads) {
        double mean = leads.stream().mapToDouble(Verdict::value).average().orElseThrow();
        Standing least =
                leads.stream().min(Comparator.comparingDouble(Verdict::value)).orElseThrow();
        return String.format(
                Locale.ROOT,
                "Over %s: %+.1f dB in the mean of %d speeds from %.1fx to %.1fx; least %+.1f dB at %.2fx, over `%s`.",
                name,
                mean,
                leads.size(),
                SLOWEST,
                FASTEST,
                value(least),
                least.speed(),
                least.method());
    }

    private static double value(Standing standing) {
        Interval lead = standing.lead();
        return lead == null ? Double.NaN : lead.value();
    }
}
