package io.adacache.djl.instrument.graph;

import io.adacache.djl.instrument.graph.Extent.Factor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Writes the contract's methods for members that hold a part of a call's frames or places: what {@code embed} computed is cut, and sizes
 * become those of the part.
 */
final class PartCode {
    private static final String ALL_SIZES = "batch, time, high, wide, frames, rows, columns, ";
    private static final Map<Factor, String> NAMES = new TreeMap<>(Map.of(
            Factor.TIME, "time",
            Factor.HEIGHT, "high",
            Factor.WIDTH, "wide",
            Factor.FRAMES, "frames",
            Factor.ROWS, "rows",
            Factor.COLUMNS, "columns"));

    private final Methods methods;
    private final Slots slots;
    private final Context context;
    private final Map<Integer, Integer> layoutBehind;
    private final List<Integer> shared;

    /**
     * What is known of a call.
     *
     * @param latent the value of the latent
     * @param axes its dimensions of batch, frames, rows and columns
     * @param patch latent frames, rows and columns per token
     * @param sizes what each size in the context is a multiple of
     * @param tensors likewise for each dimension of the tensors in the context, the first one's apart
     * @param behind sites where the tokens that belong to no frame lie behind the video's when they meet
     */
    record Context(
            String latent,
            int[] axes,
            int[] patch,
            List<Extent> sizes,
            List<List<Extent>> tensors,
            Set<Integer> behind) {}

    PartCode(String rootType, Slots slots, Context context, Map<Integer, Integer> layoutBehind, List<Integer> shared) {
        this.methods = new Methods(rootType);
        this.slots = slots;
        this.context = context;
        this.layoutBehind = layoutBehind;
        this.shared = shared;
    }

    /** All methods, indented as members of the class. */
    String write() {
        sizes();
        cut();
        part();
        share();
        runShared();
        return methods.text();
    }

    private String size(int dimension) {
        int slot = slots.size(context.latent(), context.axes()[dimension]);
        return "torch.size(context[0], " + slot + ")";
    }

    private static String ceil(String size, int patch) {
        return patch == 1 ? size : "torch.floordiv(torch.add(" + size + ", " + (patch - 1) + "), " + patch + ")";
    }

    /** Rows of the call, the latent's sizes, and those of its tokens. */
    private void sizes() {
        int[] patch = context.patch();
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            all.add(size(i));
        }
        for (int i = 0; i < 3; i++) {
            all.add(ceil(size(i + 1), patch[i]));
        }
        methods.add(
                "adacache_sizes",
                "context: List[Tensor]",
                "Tuple[int, int, int, int, int, int, int]",
                List.of("return (" + String.join(", ", all) + ")"));
    }

    /** A part of a dimension that holds, between two others, so many parts, each repeated. */
    private void cut() {
        methods.add(
                "adacache_cut",
                "x: Tensor, at: int, outer: int, parts: int, first: int, last: int, before: int, behind: int",
                "Tensor",
                List.of(
                        "until = torch.sub(torch.size(x, at), behind)",
                        "video = torch.unflatten(torch.slice(x, at, before, until), at, [outer, parts, -1])",
                        "own = torch.flatten(torch.slice(video, torch.add(at, 1), first, last), at, torch.add(at, 2))",
                        "return torch.cat([torch.slice(x, at, 0, before), own, torch.slice(x, at, until, "
                                + LayoutWriter.ALL + ")], at)"));
    }

    private void part() {
        List<String> l = new ArrayList<>();
        l.add(ALL_SIZES + "= (self).adacache_sizes(context)");
        l.add("places = torch.mul(rows, columns)");
        l.add("prefix = torch.sub(torch.size(hidden, 1), torch.mul(frames, places))");
        boolean behind = shared.stream().anyMatch(context.behind()::contains);
        l.add("before = " + (behind ? "0" : "prefix"));
        l.add("behind = " + (behind ? "prefix" : "0"));
        l.add("own = [context[0]]");
        l.add("_0 = torch.clear(own)");
        l.add("if torch.eq(axis, 0):");
        int[] patch = context.patch();
        side(
                l,
                Axis.FRAMES,
                List.of(
                        "own_frames = torch.sub(last, first)",
                        "own_time = torch.sub(ops.prim.min([torch.mul(last, " + patch[0]
                                + "), time]), torch.mul(first, " + patch[0] + "))",
                        "own_rows = rows",
                        "own_columns = columns",
                        "own_high = high",
                        "own_wide = wide"));
        l.add("else:");
        side(
                l,
                Axis.PLACES,
                List.of(
                        "own_frames = frames",
                        "own_time = time",
                        "own_rows = 1",
                        "own_columns = torch.sub(last, first)",
                        "own_high = " + patch[1],
                        "own_wide = torch.mul(own_columns, " + patch[2] + ")"));
        l.add("return (piece, own)");
        methods.add(
                "part",
                "axis: int, first: int, last: int, hidden: Tensor, context: List[Tensor]",
                "Tuple[Tensor, List[Tensor]]",
                l);
    }

    private enum Axis {
        FRAMES,
        PLACES
    }

    private void side(List<String> l, Axis axis, List<String> own) {
        own.forEach(line -> l.add("  " + line));
        String outer = axis == Axis.FRAMES ? "1, frames" : "frames, places";
        l.add("  piece = (self).adacache_cut(hidden, 1, " + outer + ", first, last, prefix, 0)");
        l.add("  _1 = torch.append(own, " + Methods.sizes(ownSizes()) + ")");
        for (int i = 0; i < context.tensors().size(); i++) {
            String name = "c" + (i + 1);
            l.add("  " + name + " = context[" + (i + 1) + "]");
            List<Extent> extents = context.tensors().get(i);
            for (int at = 0; at < extents.size(); at++) {
                cut(l, axis, name, at, extents);
            }
            l.add("  _1 = torch.append(own, " + name + ")");
        }
    }

    private List<String> ownSizes() {
        List<String> sizes = new ArrayList<>();
        for (int i = 0; i < context.sizes().size(); i++) {
            Extent extent = context.sizes().get(i);
            String size = "torch.size(context[0], " + (i + 1) + ")";
            String own = extent.prefix() ? "torch.sub(" + size + ", prefix)" : size;
            for (Map.Entry<Factor, String> name : NAMES.entrySet()) {
                if (extent.has(name.getKey())) {
                    own = "torch.floordiv(torch.mul(" + own + ", own_" + name.getValue() + "), " + name.getValue()
                            + ")";
                }
            }
            sizes.add(extent.prefix() ? "torch.add(" + own + ", prefix)" : own);
        }
        return sizes;
    }

    private void cut(List<String> l, Axis axis, String name, int at, List<Extent> extents) {
        Extent extent = extents.get(at);
        String batch = extent.has(Factor.BATCH) ? "batch" : "1";
        String around = extent.prefix() ? "before, behind" : "0, 0";
        String cut = "  " + name + " = (self).adacache_cut(" + name + ", " + at + ", ";
        if (axis == Axis.FRAMES && extent.has(Factor.FRAMES)) {
            l.add(cut + batch + ", frames, first, last, " + around + ")");
        } else if (axis == Axis.FRAMES && extent.has(Factor.TIME)) {
            String from = "torch.mul(first, " + context.patch()[0] + ")";
            l.add(cut + batch + ", time, " + from + ", torch.add(" + from + ", own_time), " + around + ")");
        } else if (axis == Axis.PLACES && extent.places()) {
            String outer = extent.has(Factor.FRAMES) ? "torch.mul(" + batch + ", frames)" : batch;
            l.add(cut + outer + ", places, first, last, " + around + ")");
        } else if (axis == Axis.PLACES && extent.has(Factor.ROWS) && grid(extents, at)) {
            l.add("  " + name + " = torch.flatten(" + name + ", " + at + ", " + (at + 1) + ")");
            l.add(cut + batch + ", places, first, last, 0, 0)");
            l.add("  " + name + " = torch.unsqueeze(" + name + ", " + at + ")");
        }
    }

    private static boolean grid(List<Extent> extents, int at) {
        return at + 1 < extents.size() && extents.get(at + 1).has(Factor.COLUMNS);
    }

    private void share() {
        List<String> l = new ArrayList<>();
        l.add("state = (self).adacache_open(site, hidden, context)");
        l.add(ALL_SIZES + "= (self).adacache_sizes(context)");
        l.add("video = torch.mul(frames, torch.mul(rows, columns))");
        l.add("s = hidden");
        for (int site : shared) {
            l.add("if torch.eq(site, " + site + "):");
            l.add("  s = (self).adacache_share_" + site + "(state, context)");
            if (context.behind().contains(site)) {
                l.add("  s = torch.cat([torch.slice(s, 1, video, " + LayoutWriter.ALL
                        + "), torch.slice(s, 1, 0, video)], 1)");
            }
        }
        l.add("return s");
        methods.add("share", "site: int, hidden: Tensor, context: List[Tensor]", "Tensor", l);
    }

    private void runShared() {
        List<String> l = new ArrayList<>();
        l.add("state = (self).adacache_open(site, hidden, context)");
        l.add("out = [hidden]");
        for (int site : shared) {
            l.add("if torch.eq(site, " + site + "):");
            l.add("  s" + site + ", r" + site + ", = (self).adacache_look_" + site + "(state, shared, context)");
            String close = "(self).adacache_close_" + layoutBehind.get(site);
            l.add("  out = [" + close + "(s" + site + ", context), " + close + "(r" + site + ", context)]");
        }
        l.add("return out");
        methods.add(
                "run_shared", "site: int, hidden: Tensor, shared: Tensor, context: List[Tensor]", "List[Tensor]", l);
    }
}
