package io.adacache.metric;

import io.adacache.layout.Span;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A tensor that a policy wants measured. */
public sealed interface Probe {
    /** Returns the name that recordings use: {@code residuals:3+5}, {@code span:0-6}, {@code modulated:0}, {@code latent}. */
    String id();

    /**
     * Returns the probe with the given {@linkplain #id() id}.
     *
     * @throws IllegalArgumentException if there is none
     */
    static Probe of(String id) {
        String[] parts = id.split(":", 2);
        try {
            return switch (parts[0]) {
                case "residuals" ->
                    new Residuals(Stream.of(parts[1].split("[+]"))
                            .map(Integer::valueOf)
                            .toList());
                case "span" -> {
                    String[] ends = parts[1].split("-");
                    yield new SpanSum(new Span(Integer.parseInt(ends[0]), Integer.parseInt(ends[1])));
                }
                case "modulated" -> new Modulated(Integer.parseInt(parts[1]));
                case "latent" -> new Latent();
                case "prediction" -> new Prediction();
                case "change" -> new Change();
                default -> throw new NumberFormatException();
            };
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException(
                    "'" + id + "' is no probe; write residuals:3+5, span:0-6 (the end excluded), modulated:0, latent,"
                            + " prediction or change",
                    e);
        }
    }

    /**
     * The sum of the residuals of some sites, taken when the last of them is computed in a step that computes them all.
     *
     * @param sites indices of the sites
     */
    record Residuals(List<Integer> sites) implements Probe {
        /** Sorts the list and checks that it names at least one site, each once. */
        public Residuals {
            sites = sites.stream().sorted().toList();
            if (sites.isEmpty() || sites.stream().distinct().count() != sites.size()) {
                throw new IllegalArgumentException(
                        "A residual probe names at least one site, and each once, but got " + sites);
            }
        }

        @Override
        public String id() {
            return sites.stream().map(String::valueOf).collect(Collectors.joining("+", "residuals:", ""));
        }
    }

    /** The sum of a span of the plan, taken when it is computed. */
    record SpanSum(Span span) implements Probe {
        @Override
        public String id() {
            return "span:" + span.first() + "-" + span.last();
        }
    }

    /** The normalised, modulated input of a site that begins a span of the plan, taken before that span is decided. */
    record Modulated(int site) implements Probe {
        @Override
        public String id() {
            return "modulated:" + site;
        }
    }

    /** The latent that the call is given, taken before the step is planned. */
    record Latent() implements Probe {
        @Override
        public String id() {
            return "latent";
        }
    }

    /** The prediction minus the latent, of a computed call that keeps it ({@code Part.Call.CHANGE}). */
    record Change() implements Probe {
        @Override
        public String id() {
            return "change";
        }
    }

    /** The prediction of a call that was computed. */
    record Prediction() implements Probe {
        @Override
        public String id() {
            return "prediction";
        }
    }
}
