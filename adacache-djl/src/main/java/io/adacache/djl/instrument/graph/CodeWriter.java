package io.adacache.djl.instrument.graph;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Writes the contract's methods as text that is put behind the root class's own. */
final class CodeWriter {
    /** Sites whose branches stand in one method. */
    private static final int ROW = 16;

    private final Cut cut;
    private final Segments segments;
    private final Probed probed;
    private final Layouts layouts;
    private final LayoutWriter layoutWriter;
    private final Methods methods;
    private final Slots slots;
    private final Map<Integer, Map<String, String>> modulated;
    private final List<Integer> shared = new ArrayList<>();
    private final String latent;

    CodeWriter(Cut cut, Segments segments, Probed probed, Start start, Tables tables, String rootType) {
        this.slots = new Slots(tables);
        this.cut = cut;
        this.segments = segments;
        this.probed = probed;
        this.layouts = new Layouts(cut, probed);
        this.layoutWriter = new LayoutWriter(cut, probed, start, slots);
        this.methods = new Methods(rootType);
        this.modulated = new TreeMap<>();
        this.latent = cut.flow().graph().inputs().get(start.latent()).value();
        for (int i = 0; i < probed.rank(latent); i++) {
            slots.size(latent, i);
        }
    }

    Layouts layouts() {
        return layouts;
    }

    /** All methods, indented as members of the class. */
    String write() {
        for (int k = 0; k < cut.sites().size(); k++) {
            site(k);
            Map<String, String> values = Modulated.of(cut, segments, probed, k);
            if (!values.isEmpty()) {
                modulated.put(k, values);
                modulatedAt(k, values);
            }
        }
        for (int i = 0; i < layouts.distinct().size(); i++) {
            Placement layout = layouts.distinct().get(i);
            methods.add(
                    "adacache_close_" + i,
                    "state: List[Tensor], context: List[Tensor]",
                    "Tensor",
                    layoutWriter.close(layout));
            methods.add(
                    "adacache_open_" + i,
                    "hidden: Tensor, context: List[Tensor]",
                    "List[Tensor]",
                    layoutWriter.open(layout));
        }
        dispatch();
        run();
        for (int k = 0; k < cut.sites().size(); k++) {
            SharedAttention attention = SharedAttention.of(cut, segments, probed, k);
            if (attention != null) {
                shared(k, attention);
            }
        }
        modulatedOf(List.copyOf(modulated.keySet()));
        head();
        embed();
        return methods.text();
    }

    private void site(int k) {
        SliceWriter w = state(k);
        w.write(segments.of(k));
        left(k, w);
        methods.add(
                "adacache_site_" + k,
                "state: List[Tensor], context: List[Tensor]",
                "Tuple[List[Tensor], List[Tensor]]",
                w.lines());
    }

    /** Returns the state behind a site, and what was added to get there. */
    private void left(int k, SliceWriter w) {
        List<String> after = after(k, w);
        Residuals residuals = new Residuals(cut, probed, k, w);
        List<String> terms = after.stream().map(residuals::of).toList();
        w.line("return (" + Methods.list(after) + ", " + Methods.list(terms) + ")");
    }

    /** The values of the state behind a site, and what it carries on of the state before. */
    private List<String> after(int k, SliceWriter w) {
        Set<Integer> lost = new TreeSet<>(layouts.carried(k + 1));
        lost.removeAll(layouts.carried(k));
        layoutWriter.carry(lost, layouts.distinct().get(layouts.id(k)), layouts.state(k), w);
        return layouts.state(k + 1);
    }

    /** A site in two: what others must know of a member's tokens, and what it does with what all have to say. */
    private void shared(int k, SharedAttention attention) {
        try {
            SliceWriter share = state(k);
            attention.share(share, share.size(latent, 0));
            SliceWriter look = state(k);
            attention.look(look, Objects.requireNonNull(probed.shape(latent))[0]);
            left(k, look);
            methods.add("adacache_share_" + k, "state: List[Tensor], context: List[Tensor]", "Tensor", share.lines());
            methods.add(
                    "adacache_look_" + k,
                    "state: List[Tensor], shared: Tensor, context: List[Tensor]",
                    "Tuple[List[Tensor], List[Tensor]]",
                    look.lines());
            shared.add(k);
        } catch (NotUnderstood e) {
            // The file runs on one device, or rows of it on several.
        }
    }

    /** Sites whose attention can be shared. */
    List<Integer> shared() {
        return shared;
    }

    Slots slots() {
        return slots;
    }

    private SliceWriter state(int k) {
        SliceWriter w = new SliceWriter(cut, slots, probed);
        read(layouts.state(k), w);
        return w;
    }

    private static void read(List<String> state, SliceWriter w) {
        for (int i = 0; i < state.size(); i++) {
            w.line(state.get(i) + " = state[" + i + "]");
            w.given(state.get(i));
        }
    }

    /** The normalised inputs of a site, by the value of the state behind it, in that state's layout. */
    private void modulatedAt(int k, Map<String, String> values) {
        SliceWriter w = state(k);
        Set<String> wanted = cut.flow()
                .between(
                        new HashSet<>(values.values()),
                        -1,
                        new HashSet<>(cut.states().get(k)));
        segments.of(k).stream()
                .filter(n -> n.outputs().stream().anyMatch(wanted::contains))
                .forEach(w::write);
        ModulatedTerms terms = new ModulatedTerms(cut, k, values, w);
        List<String> result = after(k, w).stream().map(terms::of).toList();
        w.line("return (self).adacache_close_" + layouts.id(k + 1) + "(" + Methods.list(result) + ", context)");
        methods.add("adacache_modulated_" + k, "state: List[Tensor], context: List[Tensor]", "Tensor", w.lines());
    }

    private void dispatch() {
        List<String> close = new ArrayList<>();
        String ids = IntStream.rangeClosed(0, cut.sites().size())
                .mapToObj(k -> Integer.toString(layouts.id(k)))
                .collect(Collectors.joining(", ", "[", "]"));
        close.add("ids = " + ids);
        close.add("id = ids[at]");
        List<String> open = new ArrayList<>(close);
        close.add("h = state[0]");
        open.add("s = [hidden]");
        for (int i = 0; i < layouts.distinct().size(); i++) {
            close.add("if torch.eq(id, " + i + "):");
            close.add("  h = (self).adacache_close_" + i + "(state, context)");
            open.add("if torch.eq(id, " + i + "):");
            open.add("  s = (self).adacache_open_" + i + "(hidden, context)");
        }
        close.add("return h");
        open.add("return s");
        methods.add("adacache_close", "at: int, state: List[Tensor], context: List[Tensor]", "Tensor", close);
        methods.add("adacache_open", "at: int, hidden: Tensor, context: List[Tensor]", "List[Tensor]", open);
    }

    /** The sites' calls stand in methods of some sites each: libtorch compiles a long row of branches slowly. */
    private void run() {
        List<String> l = new ArrayList<>();
        l.add("out = [hidden]");
        l.add("kept = annotate(Dict[int, Tensor], {})");
        l.add("if torch.lt(first, last):");
        l.add("  state = (self).adacache_open(first, hidden, context)");
        for (int from = 0; from < cut.sites().size(); from += ROW) {
            int to = Math.min(from + ROW, cut.sites().size());
            runs(from, to);
            l.add("  if torch.__and__(torch.lt(first, " + to + "), torch.gt(last, " + from + ")):");
            l.add("    state = (self).adacache_run_" + from + "(first, last, capture, state, kept, context)");
        }
        l.add("  out = [(self).adacache_close(last, state, context)]");
        l.add("for i in range(torch.len(capture)):");
        l.add("  _0 = torch.append(out, kept[capture[i]])");
        l.add("return out");
        methods.add(
                "run",
                "first: int, last: int, capture: List[int], hidden: Tensor, context: List[Tensor]",
                "List[Tensor]",
                l);
    }

    private void runs(int from, int to) {
        List<String> l = new ArrayList<>();
        l.add("now = state");
        for (int k = from; k < to; k++) {
            l.add("if torch.__and__(torch.le(first, " + k + "), torch.gt(last, " + k + ")):");
            l.add("  s" + k + ", r" + k + ", = (self).adacache_site_" + k + "(now, context)");
            l.add("  now = s" + k);
            l.add("  if torch.__contains__(capture, " + k + "):");
            l.add("    torch._set_item(kept, " + k + ", (self).adacache_close_" + layouts.id(k + 1) + "(r" + k
                    + ", context))");
        }
        l.add("return now");
        methods.add(
                "adacache_run_" + from,
                "first: int, last: int, capture: List[int], state: List[Tensor], kept: Dict[int, Tensor], context: List[Tensor]",
                "List[Tensor]",
                l);
    }

    private void modulatedOf(List<Integer> sites) {
        List<String> l = new ArrayList<>();
        l.add("if torch.__not__(torch.__contains__(" + (sites.isEmpty() ? "annotate(List[int], [])" : sites)
                + ", site)):");
        l.add("  ops.prim.RaiseException(\"this site has no modulated input\")");
        l.add("state = (self).adacache_open(site, hidden, context)");
        l.add("m = hidden");
        for (int from = 0; from < sites.size(); from += ROW) {
            List<Integer> row = sites.subList(from, Math.min(from + ROW, sites.size()));
            List<String> part = new ArrayList<>(List.of("m = hidden"));
            for (int k : row) {
                part.add("if torch.eq(site, " + k + "):");
                part.add("  m = (self).adacache_modulated_" + k + "(state, context)");
            }
            part.add("return m");
            String name = "adacache_modulated_from_" + from;
            methods.add(name, "site: int, hidden: Tensor, state: List[Tensor], context: List[Tensor]", "Tensor", part);
            l.add("if torch.__contains__(" + row + ", site):");
            l.add("  m = (self)." + name + "(site, hidden, state, context)");
        }
        l.add("return m");
        methods.add("modulated", "site: int, hidden: Tensor, context: List[Tensor]", "Tensor", l);
    }

    private void head() {
        int n = cut.sites().size();
        SliceWriter w = new SliceWriter(cut, slots, probed);
        w.line("state = (self).adacache_open_" + layouts.id(n) + "(hidden, context)");
        read(layouts.state(n), w);
        w.write(segments.of(n));
        String output = cut.flow().graph().output();
        w.need(output);
        w.line("return " + output);
        methods.add("head", "hidden: Tensor, context: List[Tensor]", "Tensor", w.lines());
    }

    /** Written last, when it is known what the others want out of the context. */
    private void embed() {
        SliceWriter w = new SliceWriter(cut, slots, probed, true);
        String parameters = Methods.inputs(cut.flow().graph(), w);
        w.write(segments.of(Segments.EMBED));
        List<String> start = cut.states().get(0);
        start.forEach(w::need);
        List<String> sizes = new ArrayList<>();
        slots.sizes().forEach(s -> sizes.add(w.size(s.value(), s.dimension())));
        slots.tensors().stream().filter(value -> !slots.tables().holds(value)).forEach(w::need);
        List<String> context = new ArrayList<>(List.of(Methods.sizes(sizes)));
        context.addAll(slots.tensors());
        w.line("context = " + Methods.list(context));
        w.line("hidden = (self).adacache_close_" + layouts.id(0) + "(" + Methods.list(start) + ", context)");
        w.line("return (hidden, context)");
        methods.add("embed", parameters, "Tuple[Tensor, List[Tensor]]", w.lines());
    }
}
