package io.adacache.djl.instrument;

import io.adacache.djl.Manifest;
import io.adacache.layout.ResidualKind;
import io.adacache.layout.Site;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How many operations each part of a model takes, as sums of products of dimensions: told from counts at several sizes. An
 * operation belongs to the first form that its counts are proportional to at all of them.
 */
final class OperationCounts {
    private final List<Map<String, Long>> sizes = new ArrayList<>();
    private final List<long[]> counts = new ArrayList<>();
    private double untold;

    /** A product of named dimensions and a number. */
    private record Product(long factor, List<String> dimensions) {
        double of(Map<String, Long> named) {
            double value = factor;
            for (String dimension : dimensions) {
                value *= named.getOrDefault(dimension, 1L);
            }
            return value;
        }
    }

    /** A sum of products. */
    private record Form(List<Product> products) {
        static Form of(String... dimensions) {
            return new Form(List.of(new Product(1, List.of(dimensions))));
        }

        double at(Map<String, Long> named) {
            return products.stream().mapToDouble(p -> p.of(named)).sum();
        }

        Form times(Form other) {
            List<Product> all = new ArrayList<>();
            for (Product a : products) {
                for (Product b : other.products) {
                    List<String> dimensions = new ArrayList<>(a.dimensions);
                    dimensions.addAll(b.dimensions);
                    all.add(new Product(a.factor * b.factor, dimensions));
                }
            }
            return new Form(all);
        }

        Form plus(Form other) {
            List<Product> all = new ArrayList<>(products);
            all.addAll(other.products);
            return new Form(all);
        }
    }

    /**
     * Takes in the counts of one call.
     *
     * @param named sizes by name: {@code batch}, {@code frames} and {@code tokens} after patching, {@code text}
     */
    void add(Map<String, Long> named, long[] counted) {
        sizes.add(named);
        counts.add(counted);
    }

    /** Operations at the first size that no form told, as a share of all. */
    double untold() {
        return untold;
    }

    /**
     * The terms by part of the model, as a manifest holds them.
     *
     * @param segments the part of each counted operation: -1, a site, or the number of sites
     * @param prefix tokens in front of the first frame: a number or the name of a dimension
     * @param channels of the hidden state: a term that is added has no products, so its sum is counted
     */
    Map<String, List<Manifest.Term>> terms(List<Integer> segments, List<Site> sites, String prefix, int channels) {
        List<Form> forms = forms(prefix);
        Map<String, Map<List<String>, Double>> parts = new LinkedHashMap<>();
        double all = 0;
        for (int i = 0; i < segments.size(); i++) {
            double count = counts.get(0)[i];
            all += count;
            Form form = form(i, forms);
            if (form == null) {
                untold += count;
            } else if (count > 0) {
                double coefficient = count / form.at(sizes.get(0));
                int segment = segments.get(i);
                Map<List<String>, Double> part =
                        parts.computeIfAbsent(part(segment, sites), k -> new LinkedHashMap<>());
                form.products.forEach(
                        p -> part.merge(p.dimensions, coefficient * p.factor / share(segment, sites), Double::sum));
            }
        }
        untold = all == 0 ? 0 : untold / all;
        if (sites.stream().anyMatch(s -> s.kind() == ResidualKind.POSITION)) {
            parts.computeIfAbsent(ResidualKind.POSITION.id(), k -> new LinkedHashMap<>())
                    .merge(List.of("batch", "frames", "tokens"), (double) channels, Double::sum);
        }
        Map<String, List<Manifest.Term>> terms = new LinkedHashMap<>();
        parts.forEach((part, sums) -> {
            List<Manifest.Term> list = new ArrayList<>();
            sums.forEach((dimensions, coefficient) -> list.add(new Manifest.Term(coefficient, dimensions)));
            terms.put(part, list);
        });
        return terms;
    }

    private static String part(int segment, List<Site> sites) {
        return segment < 0
                ? "embed"
                : segment == sites.size() ? "head" : sites.get(segment).kind().id();
    }

    /** A manifest tells the operations of one site of each kind: the mean of all. */
    private static double share(int segment, List<Site> sites) {
        if (segment < 0 || segment == sites.size()) {
            return 1;
        }
        return sites.stream().filter(s -> s.kind() == sites.get(segment).kind()).count();
    }

    private @Nullable Form form(int operation, List<Form> forms) {
        for (Form form : forms) {
            double ratio = counts.get(0)[operation] / form.at(sizes.get(0));
            boolean fits = true;
            for (int s = 1; fits && s < sizes.size(); s++) {
                double expected = ratio * form.at(sizes.get(s));
                fits = Math.abs(expected - counts.get(s)[operation]) <= 1e-9 * Math.abs(expected);
            }
            if (fits) {
                return form;
            }
        }
        return null;
    }

    /** What lengths of attention and projections of a transformer are made of, the likeliest first. */
    private static List<Form> forms(String prefix) {
        Form batch = Form.of("batch");
        Form video = Form.of("frames", "tokens");
        Form before = prefix.matches("[0-9]+")
                ? new Form(List.of(new Product(Long.parseLong(prefix), List.of())))
                : Form.of(prefix);
        Form text = Form.of("text");
        Form whole = prefix.equals("0") ? video : video.plus(before);
        Form both = video.plus(text);
        List<Form> forms = new ArrayList<>();
        for (Form rows : List.of(batch, Form.of())) {
            for (Form length : List.of(video, whole, both, text)) {
                forms.add(rows.times(length));
            }
            forms.add(rows.times(video).times(video));
            forms.add(rows.times(whole).times(whole));
            forms.add(rows.times(both).times(both));
            forms.add(rows.times(Form.of("frames", "tokens", "tokens")));
            forms.add(rows.times(Form.of("tokens", "frames", "frames")));
            for (Form length : List.of(video, whole, text)) {
                forms.add(rows.times(length).times(text));
            }
            forms.add(rows.times(video).times(whole));
            forms.add(rows.times(Form.of("frames", "text")));
            forms.add(rows);
            forms.add(rows.times(Form.of("frames")));
            forms.add(rows.times(Form.of("tokens")));
        }
        return forms;
    }
}
