package io.adacache.bench.command;

import io.adacache.bench.cost.CallWork;
import io.adacache.bench.cost.Computer;
import io.adacache.bench.cost.Prediction;
import io.adacache.bench.inspect.Inspection;
import io.adacache.djl.Manifest;
import io.adacache.djl.PublishedModels;
import io.adacache.policy.CachePolicy;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** On which computer a generation's time is predicted. */
final class PredictionOptions {
    private static final double GIBI = 1 << 30;
    private static final double MILLI = 1e-3;
    private static final double PERCENT = 100;
    /** AdaCache as it is published, with what its authors keep; a fixed schedule; and what this library adds. */
    private static final List<String> POLICIES =
            List.of("none", "adacache-fast", "adacache-fast:spans=pairs", "adacache-fast-moreg", "every-3");

    @Option(
            names = "--on",
            paramLabel = "DEVICE|FILE",
            description =
                    "predict time, speed-up and memory on a device (a100-80g, h100-80g, h200-141g, l40s-48g, rtx-4090-24g),"
                            + " or on the machine that 'scale --out DIR' measured (DIR/machine-float32.json)")
    private @Nullable String on;

    @Option(
            names = "--computed",
            paramLabel = "C",
            description =
                    "steps that a policy which measures computes, on average, for the prediction: 12.4 (default: the middle"
                            + " between a video that never changes and one that always does)")
    private @Nullable Double computed;

    /** Prints what was asked for; nothing where no computer was named. */
    void print(Inspection inspection, List<String> policies, int steps, PrintWriter console) {
        String name = on;
        if (name == null) {
            if (computed != null) {
                throw new IllegalArgumentException("--computed is for a prediction: say --on which device");
            }
            return;
        }
        double count = checked(steps);
        Manifest manifest = inspection.manifest();
        Computer computer = Computer.of(name, manifest.dtype());
        console.printf("%nPREDICTED, not measured: %d calls on %s%n", steps, computer.name());
        console.println("(" + computer.source() + "; text encoder and VAE are not in it)");
        if (!CallWork.isKnown(manifest)) {
            console.println("unknown: this file does not say how many operations its parts take");
            return;
        }
        console.printf(
                "  %-28s %8s %10s %10s %10s %9s %7s %8s %9s%n",
                "policy", "computed", "call ms", "step ms", "reused ms", "reused", "ideal", "speed-up", "total s");
        double most = 0;
        for (String text : policies.isEmpty() ? POLICIES : policies) {
            CachePolicy policy = PublishedModels.policy(text, steps, manifest.family(), manifest.policies());
            Prediction one = Prediction.of(inspection, computer, policy, text, steps, count);
            console.print(line(one));
            most = Math.max(most, one.peak());
        }
        memory(console, computer, most);
    }

    private double checked(int steps) {
        if (computed == null) {
            return Double.NaN;
        }
        if (!(computed > 0) || computed > steps) {
            throw new IllegalArgumentException(
                    "--computed is above 0 and at most --calls (" + steps + "), but got " + computed);
        }
        return computed;
    }

    private static String line(Prediction one) {
        return String.format(
                Locale.ROOT,
                "  %-28s %8.1f %10.2f %10.2f %10s %9s %6.2fx %7.2fx %9.2f   peak %.1f GiB%n",
                one.policy(),
                one.computed(),
                one.plain() / MILLI,
                one.computedStep() / MILLI,
                number(one.reusedStep() / MILLI, ""),
                number(PERCENT * one.reusedStep() / one.computedStep(), " %"),
                one.ideal(),
                one.speedUp(),
                one.seconds(),
                one.peak() / GIBI);
    }

    private static String number(double value, String unit) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.2f", value) + unit;
    }

    private static void memory(PrintWriter console, Computer computer, double most) {
        if (computer.memory() > 0 && most > computer.memory()) {
            console.printf(
                    Locale.ROOT, "  It has %.0f GiB: what is above that does not fit.%n", computer.memory() / GIBI);
        }
    }
}
