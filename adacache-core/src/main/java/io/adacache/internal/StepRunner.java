package io.adacache.internal;

import io.adacache.event.SpanRecord;
import io.adacache.layout.Span;
import io.adacache.layout.TokenGrid;
import io.adacache.policy.Decision;
import io.adacache.policy.PolicyRun;
import io.adacache.policy.Reason;
import io.adacache.policy.StepPlan;
import io.adacache.spi.Embedded;
import io.adacache.spi.Transformer;
import java.util.List;
import java.util.Set;

/**
 * Runs a step: asks the policy, computes or reuses, keeps what will be reused. The way of the data is in {@link #call}.
 *
 * <p>Every tensor is adopted by the ledger as soon as it exists, which frees it should anything fail.
 *
 * @param <T> the engine's tensor type
 */
final class StepRunner<T> {
    private final Transformer<T> transformer;
    private final String policyName;
    private final PolicyRun run;
    private final Ledger<T> ledger;
    private final Prober<T> prober;
    private final Runnable checkpoint;

    /**
     * Creates a runner for one generation.
     *
     * @param checkpoint called before each piece of work; throws if the session was cancelled
     */
    StepRunner(
            Transformer<T> transformer,
            String policyName,
            PolicyRun run,
            Ledger<T> ledger,
            Prober<T> prober,
            Runnable checkpoint) {
        this.transformer = transformer;
        this.policyName = policyName;
        this.run = run;
        this.ledger = ledger;
        this.prober = prober;
        this.checkpoint = checkpoint;
    }

    /** The way of the data: plan; embed; per span decide, compute or reuse; head. */
    T call(Step step, BranchState<T> branch, TokenGrid grid, List<T> inputs) {
        prober.latent(step, branch, transformer.latent(inputs));
        StepPlan plan = step.plan;
        if (plan == null) {
            plan = run.plan(step);
            step.plan = plan;
            if (plan instanceof StepPlan.Spans spans) {
                transformer.layout().checkPartition(spans.spans());
            }
        }
        return plan instanceof StepPlan.Spans spans
                ? throughSpans(step, spans.spans(), branch, grid, inputs)
                : wholeCall(step, (StepPlan.WholeCall) plan, branch, inputs);
    }

    private T throughSpans(Step step, List<Span> spans, BranchState<T> branch, TokenGrid grid, List<T> inputs) {
        branch.retainOnly(Set.copyOf(spans));
        checkpoint.run();
        try (Embedded<T> context = transformer.embed(inputs)) {
            Shared<T> hidden = ledger.adopt(context.hidden());
            boolean all = true;
            for (Span span : spans) {
                checkpoint.run();
                if (prober.wantsModulated(span.first())) {
                    Shared<T> modulated = ledger.adopt(transformer.modulated(span.first(), hidden.tensor, context));
                    prober.modulated(step, branch, span.first(), modulated);
                    ledger.release(modulated);
                }
                Decision decision = step.decisions.computeIfAbsent(span, key -> run.decide(key, step));
                if (decision instanceof Decision.Reuse reuse && !branch.hasKept(span)) {
                    decision = Decision.compute(Reason.NOTHING_KEPT);
                }
                boolean computed = decision instanceof Decision.Compute;
                Shared<T> next = decision instanceof Decision.Compute compute
                        ? compute(step, span, compute.keep(), branch, grid, hidden, context)
                        : reuse(step, span, (Decision.Reuse) decision, branch, hidden);
                ledger.release(hidden);
                hidden = next;
                all &= computed;
                step.record(span, new SpanRecord(span, computed, decision.reason()));
            }
            checkpoint.run();
            Shared<T> prediction = ledger.adopt(transformer.head(hidden.tensor, context));
            ledger.release(hidden);
            if (all) {
                prober.prediction(step, branch, prediction);
            }
            prober.endCall(branch, all);
            return ledger.giveAway(prediction);
        }
    }

    private Shared<T> compute(
            Step step,
            Span span,
            boolean keep,
            BranchState<T> branch,
            TokenGrid grid,
            Shared<T> hidden,
            Embedded<T> context) {
        branch.trim(span, keep ? run.history() - 1 : 0);
        boolean single = span.size() == 1;
        int[] capture = prober.captures(span, keep && single);
        List<Shared<T>> ran = ledger.adoptAll(transformer.run(span, capture, hidden.tensor, context));
        Shared<T> after = ran.get(0);
        List<Shared<T>> captured = ran.subList(1, ran.size());
        prober.residuals(step, branch, span, grid, capture, captured);
        boolean sumProbed = prober.wantsSum(span);
        if (keep || sumProbed) {
            Shared<T> sum = single && capture.length > 0
                    ? ledger.retain(captured.get(0))
                    : ledger.adopt(transformer.ops().subtract(after.tensor, hidden.tensor));
            if (sumProbed) {
                prober.sum(step, branch, span, grid, sum);
            }
            if (keep) {
                branch.keep(span, sum);
            } else {
                ledger.release(sum);
            }
        }
        captured.forEach(ledger::release);
        return after;
    }

    private Shared<T> reuse(Step step, Span span, Decision.Reuse reuse, BranchState<T> branch, Shared<T> hidden) {
        double[] weights = reuse.weights();
        return ledger.adopt(
                transformer.ops().addWeighted(hidden.tensor, weights, keptFor(step, span, weights, branch)));
    }

    private List<T> keptFor(Step step, Span span, double[] weights, BranchState<T> branch) {
        List<T> kept = branch.kept(span, weights.length);
        if (kept.size() < weights.length) {
            throw new IllegalStateException(
                    "Policy '" + policyName + "' asked for " + weights.length + " kept sums of span " + span
                            + " in step " + step.step() + ", but only " + kept.size() + " are kept");
        }
        return kept;
    }

    private T wholeCall(Step step, StepPlan.WholeCall plan, BranchState<T> branch, List<T> inputs) {
        Span call = BranchState.CALL;
        branch.retainOnly(Set.of(call));
        checkpoint.run();
        Decision decision = plan.decision();
        if (decision instanceof Decision.Reuse && !branch.hasKept(call)) {
            decision = Decision.compute(Reason.NOTHING_KEPT);
        }
        boolean computed = decision instanceof Decision.Compute;
        step.record(call, new SpanRecord(null, computed, decision.reason()));
        T prediction = decision instanceof Decision.Compute compute
                ? computeCall(step, compute.keep(), plan.kept(), branch, inputs)
                : reuseCall(step, (Decision.Reuse) decision, plan.kept(), branch, inputs);
        prober.endCall(branch, computed);
        return prediction;
    }

    private T computeCall(Step step, boolean keep, StepPlan.Kept kind, BranchState<T> branch, List<T> inputs) {
        branch.trim(BranchState.CALL, keep ? run.history() - 1 : 0);
        Shared<T> prediction = ledger.adopt(transformer.forward(inputs));
        prober.prediction(step, branch, prediction);
        if (keep) {
            branch.keep(
                    BranchState.CALL,
                    ledger.adopt(
                            kind == StepPlan.Kept.PREDICTION
                                    ? transformer.ops().copy(prediction.tensor)
                                    : transformer.ops().addLeading(prediction.tensor, -1, transformer.latent(inputs))));
        }
        return ledger.giveAway(prediction);
    }

    private T reuseCall(Step step, Decision.Reuse reuse, StepPlan.Kept kind, BranchState<T> branch, List<T> inputs) {
        double[] weights = reuse.weights();
        List<T> kept = keptFor(step, BranchState.CALL, weights, branch);
        Shared<T> mixed = ledger.adopt(transformer.ops().mix(weights, kept));
        if (kind == StepPlan.Kept.CHANGE) {
            Shared<T> moved = ledger.adopt(transformer.ops().addLeading(mixed.tensor, 1, transformer.latent(inputs)));
            ledger.release(mixed);
            mixed = moved;
        }
        return ledger.giveAway(mixed);
    }
}
