package io.adacache.bench.compare;

import io.adacache.bench.pipeline.Conditioning;
import io.adacache.bench.pipeline.InterruptedGeneration;
import io.adacache.bench.pipeline.Pipeline;
import io.adacache.bench.quality.Networks;
import io.adacache.bench.report.Case;
import io.adacache.bench.report.Run;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Runs all cases of a comparison, one after another, and keeps each as soon as it is done. */
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
     * Runs the cases that are not done yet.
     *
     * @param progress hears the name of each policy as it begins
     * @return the runs of all cases, each in the order of {@link Contest#names}
     * @throws InterruptedGeneration if the thread was interrupted; the cases done are kept
     */
    public List<Run> run(Unfinished unfinished, Consumer<String> progress) {
        List<Run> runs = new ArrayList<>();
        boolean warm = false;
        for (int i = 0; i < entries.size(); i++) {
            Optional<List<Run>> kept = unfinished.find(i);
            if (kept.isPresent()) {
                runs.addAll(kept.get());
                continue;
            }
            Entry entry = entries.get(i);
            CaseRunner runner = new CaseRunner(contest, entry.pipeline, entry.wanted, entry.conditioning);
            try {
                if (!warm) {
                    runner.warmUp(progress);
                    warm = true;
                }
                List<Run> done = runner.run(i, networks, progress);
                unfinished.keep(i, done);
                runs.addAll(done);
            } catch (InterruptedGeneration e) {
                throw new InterruptedGeneration("Interrupted; " + unfinished.size() + " of " + entries.size()
                        + " cases are kept in " + unfinished.path() + ", and the same command goes on from there");
            }
        }
        return runs;
    }
}
