package io.adacache.bench.compare;

import io.adacache.bench.pipeline.Conditioning;
import io.adacache.bench.pipeline.InterruptedGeneration;
import io.adacache.bench.pipeline.Pipeline;
import io.adacache.bench.pipeline.Workers;
import io.adacache.bench.quality.Networks;
import io.adacache.bench.report.Case;
import io.adacache.bench.report.Run;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Runs all cases of a comparison and keeps each as soon as it is done. */
public final class Comparer {
    private final Contest contest;
    private final List<Entry> entries = new ArrayList<>();
    private final Networks networks;

    private record Entry(Pipeline pipeline, Case wanted, Conditioning conditioning) {}

    /**
     * Creates one without cases.
     *
     * @param networks judge clips
     */
    public Comparer(Contest contest, Networks networks) {
        this.contest = contest;
        this.networks = networks;
    }

    /** Adds a case. */
    public void add(Pipeline pipeline, Case wanted, Conditioning conditioning) {
        entries.add(new Entry(pipeline, wanted, conditioning));
    }

    /** Returns the cases. */
    public List<Case> cases() {
        return entries.stream().map(Entry::wanted).toList();
    }

    /**
     * Runs the cases that are not done yet: each whole on one thread, so that its policies run right after one another.
     *
     * @param workers run cases side by side
     * @param progress hears the name of each policy as it begins, from any thread
     * @return the runs of all cases, each in the order of {@link Contest#names}
     * @throws InterruptedGeneration if the thread was interrupted; the cases done are kept
     */
    public List<Run> run(Unfinished unfinished, Workers workers, Consumer<String> progress) {
        Map<Integer, List<Run>> runs = new TreeMap<>();
        List<Integer> open = new ArrayList<>();
        for (int i = 0; i < entries.size(); i++) {
            int index = i;
            unfinished.find(i).ifPresentOrElse(kept -> runs.put(index, kept), () -> open.add(index));
        }
        try {
            if (!open.isEmpty()) {
                runner(open.get(0)).warmUp(progress);
            }
            List<List<Run>> made = workers.map(open.size(), i -> {
                List<Run> done = runner(open.get(i)).run(open.get(i), networks, progress);
                unfinished.keep(open.get(i), done);
                return done;
            });
            for (int i = 0; i < made.size(); i++) {
                runs.put(open.get(i), made.get(i));
            }
        } catch (InterruptedGeneration e) {
            throw new InterruptedGeneration("Interrupted; " + unfinished.size() + " of " + entries.size()
                    + " cases are kept in " + unfinished.path() + ", and the same command goes on from there");
        }
        return runs.values().stream().flatMap(List::stream).toList();
    }

    private CaseRunner runner(int index) {
        Entry entry = entries.get(index);
        return new CaseRunner(contest, entry.pipeline, entry.wanted, entry.conditioning);
    }
}
