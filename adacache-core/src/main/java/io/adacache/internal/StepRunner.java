package io.adacache.internal;

import io.adacache.event.Trace.PartRecord;
import io.adacache.layout.Layout;
import io.adacache.layout.Part;
import io.adacache.layout.Span;
import io.adacache.metric.Measure;
import io.adacache.policy.Decision;
import io.adacache.policy.Decision.Reason;
import io.adacache.policy.PolicyRun;
import io.adacache.spi.TensorOps;
import io.adacache.spi.Transformer;
import io.adacache.spi.Transformer.Embedded;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Runs a step: asks the policy, computes or reuses, keeps what will be reused. The way of the data is in {@link #call}; nothing else
 * in this library knows what a step means. Replays and predictions of memory run this class on tensors that are only a name, or only
 * a size (docs/decisions/0011).
 *
 * <p>Every tensor is adopted by the ledger as soon as it exists, which frees it should anything fail.
 *
 * @param <T> the engine's tensor type
 */
final class StepRunner<T> {
    /** A computed step is taken if more than half of it can be afforded: then the end is nearer to the time with it. */
    private static final double HALF = 0.5;

    private final Transformer<T> transformer;
    private final TensorOps<T> ops;
    private final String policyName;
    private final PolicyRun run;
    private final int history;
    private final Set<Measure> declared;
    private final Ledger<T> ledger;
    private final Prober<T> prober;
    private final Runnable checkpoint;
    /** The last plan that was checked: most policies plan every step alike. */
    private List<? extends Part> checked = List.of();

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
        this.ops = transformer.ops();
        this.policyName = policyName;
        this.run = run;
        this.history = run.history();
        this.declared = Set.copyOf(run.measures());
        this.ledger = ledger;
        this.prober = prober;
        this.checkpoint = checkpoint;
        if (history < 1) {
            throw new IllegalArgumentException(
                    "Policy '" + policyName + "' keeps " + history + " tensors per part; history() is 1 or more");
        }
    }

    /** Begins a step, from 1; 0 is before the first. */
    Step begin(int number) {
        return new Step(number, declared);
    }

    /** The way of the data: plan; embed; per span decide, compute or reuse; head. Or the whole call, decided as one. */
    T call(BranchCall<T> call) {
        prober.latent(call, transformer.latent(call.inputs()));
        List<? extends Part> plan = planned(call.step());
        call.branch().retainOnly(plan);
        return plan.get(0) instanceof Part.Call whole ? wholeCall(call, whole) : throughSpans(call, plan);
    }

    private List<? extends Part> planned(Step step) {
        if (step.plan.isEmpty()) {
            List<? extends Part> plan = answered(run.plan(step), "plan", step);
            if (plan.isEmpty() || !plan.equals(checked)) {
                checkPlan(plan, transformer.layout());
                checked = List.copyOf(plan);
            }
            step.plan = checked;
        }
        return step.plan;
    }

    private void checkPlan(List<? extends Part> plan, Layout layout) {
        if (plan.size() == 1 && plan.get(0) instanceof Part.Call) {
            return;
        }
        List<Span> spans = plan.stream()
                .filter(Span.class::isInstance)
                .map(Span.class::cast)
                .toList();
        if (spans.isEmpty() || spans.size() < plan.size()) {
            throw new IllegalStateException("Policy '" + policyName + "' planned " + plan
                    + "; a plan is one whole call, or spans that cover all sites");
        }
        layout.checkPartition(spans);
    }

    private <A> A answered(@Nullable A answer, String what, Step step) {
        if (answer == null) {
            throw new IllegalStateException(
                    "Policy '" + policyName + "' returned null from " + what + " in step " + step.step());
        }
        return answer;
    }

    /** Asks for a decision, or takes that of the branch called first; what cannot be reused is computed. */
    private Decision decide(BranchCall<T> call, Part part) {
        Step step = call.step();
        Decision decision =
                step.decisions.computeIfAbsent(part, key -> answered(run.decide(key, step), "decide", step));
        if (decision instanceof Decision.Reuse reuse) {
            int kept = call.branch().countKept(part);
            int wanted = reuse.weights().length;
            if (kept == 0 || (kept < wanted && call.branch().hasDropped())) {
                decision = Decision.compute(Reason.NOTHING_KEPT);
            } else if (kept < wanted) {
                throw new IllegalStateException("Policy '" + policyName + "' asked for " + wanted + " kept tensors of "
                        + part + " in step " + step.step() + ", but only " + kept + " are kept");
            }
        }
        if (decision instanceof Decision.Compute
                && cannotAfford(step)
                && call.branch().countKept(part) > 0) {
            decision = Decision.reuse(Reason.CAP);
        }
        step.record(new PartRecord(part, decision instanceof Decision.Compute, decision.reason()));
        return decision;
    }

    /** Whether the time that is left would be passed by a computed step. */
    private static boolean cannotAfford(Step step) {
        return step.affordable().isPresent() && step.affordable().getAsDouble() < HALF;
    }

    private T throughSpans(BranchCall<T> call, List<? extends Part> plan) {
        checkpoint.run();
        try (Embedded<T> context = call.branch().embed(transformer, call.inputs())) {
            Shared<T> hidden = ledger.adopt(context.hidden());
            boolean all = true;
            for (Part part : plan) {
                Span span = (Span) part;
                checkpoint.run();
                modulated(call, span, hidden, context);
                Decision decision = decide(call, span);
                Shared<T> next = decision instanceof Decision.Compute compute
                        ? compute(call, span, compute.keep(), hidden, context)
                        : reuse(call, span, (Decision.Reuse) decision, hidden);
                ledger.release(hidden);
                hidden = next;
                all &= decision instanceof Decision.Compute;
            }
            checkpoint.run();
            Shared<T> prediction = ledger.adopt(transformer.head(hidden.tensor, context));
            ledger.release(hidden);
            if (all) {
                prober.prediction(call, prediction);
            }
            prober.endCall(call.branch(), all);
            return ledger.giveAway(prediction);
        }
    }

    private void modulated(BranchCall<T> call, Span span, Shared<T> hidden, Embedded<T> context) {
        if (prober.wantsModulated(span.first())) {
            Shared<T> modulated = ledger.adopt(transformer.modulated(span.first(), hidden.tensor, context));
            prober.modulated(call, span.first(), modulated);
            ledger.release(modulated);
        }
    }

    private Shared<T> compute(BranchCall<T> call, Span span, boolean keep, Shared<T> hidden, Embedded<T> context) {
        call.branch().trim(span, keep ? history - 1 : 0);
        int[] capture = prober.captures(span, keep && span.size() == 1);
        List<Shared<T>> ran = ledger.adoptAll(transformer.run(span, capture, hidden.tensor, context));
        Shared<T> after = ran.get(0);
        List<Shared<T>> captured = ran.subList(1, ran.size());
        prober.residuals(call, span, capture, captured);
        if (keep || prober.wantsSum(span)) {
            // The sum of a single site is its residual itself, not a difference of hidden states.
            Shared<T> sum = span.size() == 1 && capture.length > 0
                    ? ledger.retain(captured.get(0))
                    : ledger.adopt(ops.subtract(after.tensor, hidden.tensor));
            if (prober.wantsSum(span)) {
                prober.sum(call, span, sum);
            }
            if (keep) {
                call.branch().keep(span, ledger.stored(sum));
            } else {
                ledger.release(sum);
            }
        }
        captured.forEach(ledger::release);
        return after;
    }

    private Shared<T> reuse(BranchCall<T> call, Span span, Decision.Reuse reuse, Shared<T> hidden) {
        double[] weights = reuse.weights();
        return ledger.adopt(
                ops.addWeighted(hidden.tensor, weights, call.branch().kept(span, weights.length)));
    }

    private T wholeCall(BranchCall<T> call, Part.Call part) {
        checkpoint.run();
        Decision decision = decide(call, part);
        T prediction = decision instanceof Decision.Compute compute
                ? computeCall(call, part, compute.keep())
                : reuseCall(call, part, (Decision.Reuse) decision);
        prober.endCall(call.branch(), decision instanceof Decision.Compute);
        return prediction;
    }

    private T computeCall(BranchCall<T> call, Part.Call part, boolean keep) {
        call.branch().trim(part, keep ? history - 1 : 0);
        Shared<T> prediction = ledger.adopt(transformer.forward(call.inputs()));
        if (keep && part == Part.Call.PREDICTION) {
            // One copy serves what is reused and what is measured against.
            Shared<T> copy = ledger.adopt(ops.copy(prediction.tensor));
            prober.keptPrediction(call, copy);
            call.branch().keep(part, copy);
        } else {
            prober.prediction(call, prediction);
        }
        if (keep && part == Part.Call.CHANGE) {
            Shared<T> change = ledger.adopt(ops.addLeading(prediction.tensor, -1, transformer.latent(call.inputs())));
            prober.change(call, change);
            call.branch().keep(part, change);
        }
        return ledger.giveAway(prediction);
    }

    private T reuseCall(BranchCall<T> call, Part.Call part, Decision.Reuse reuse) {
        double[] weights = reuse.weights();
        Shared<T> mixed = ledger.adopt(ops.mix(weights, call.branch().kept(part, weights.length)));
        if (part == Part.Call.CHANGE) {
            Shared<T> moved = ledger.adopt(ops.addLeading(mixed.tensor, 1, transformer.latent(call.inputs())));
            ledger.release(mixed);
            mixed = moved;
        }
        return ledger.giveAway(mixed);
    }
}
