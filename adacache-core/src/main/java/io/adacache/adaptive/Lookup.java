package io.adacache.adaptive;

import io.adacache.layout.Layout;
import io.adacache.layout.ResidualKind;
import io.adacache.layout.Site;
import io.adacache.metric.Measure;
import io.adacache.metric.Measure.Reference;
import io.adacache.metric.Metric;
import io.adacache.metric.Probe;
import io.adacache.metric.Sums;
import io.adacache.policy.Codebook;
import io.adacache.policy.Decision.Reason;
import io.adacache.policy.Figures;
import io.adacache.policy.PolicyRun.StepView;
import java.util.List;
import java.util.Optional;

/** AdaCache's own plan: the distance of one residual in the middle of the stack, per step of gap, looked up in a codebook. */
final class Lookup {
    private final Codebook codebook;
    private final Measure.Distance measure;
    private int rate = 1;
    private Reason reason = Reason.CODEBOOK;

    Lookup(Codebook codebook, Layout layout) {
        this.codebook = codebook;
        this.measure =
                new Measure.Distance(new Probe.Residuals(List.of(middle(layout))), Metric.L1, Reference.LAST_TAKEN);
    }

    /** Returns the temporal attention of the middle block, or the last kind of self-attention that the model has. */
    private static int middle(Layout layout) {
        ResidualKind kind = layout.sites().stream()
                .map(Site::kind)
                .filter(ResidualKind::isSelfAttention)
                .reduce((before, each) -> before == ResidualKind.TEMPORAL_ATTENTION ? before : each)
                .orElseThrow(() -> new IllegalArgumentException(
                        "This model has no self-attention to look a codebook up by; give quality or calls"));
        List<Integer> sites = layout.sites().stream()
                .filter(site -> site.kind() == kind)
                .map(Site::index)
                .toList();
        return sites.get((sites.size() - 1) / 2);
    }

    Measure.Distance measure() {
        return measure;
    }

    /** Takes in what was measured in a computed step. */
    Figures look(StepView step, int gap) {
        Optional<Sums> measured = step.distance(measure);
        if (measured.isEmpty()) {
            return Figures.none();
        }
        double distance = Metric.L1.distance(measured.get());
        double metric = distance / gap;
        boolean number = Double.isFinite(metric);
        rate = number ? codebook.rate(metric) : 1;
        reason = number ? Reason.CODEBOOK : Reason.NOT_A_NUMBER;
        return Figures.none()
                .with(Figures.DISTANCE, distance)
                .with(Figures.RATE_OF_CHANGE, metric)
                .with(Figures.RATE, rate);
    }

    int rate() {
        return rate;
    }

    Reason reason() {
        return reason;
    }
}
