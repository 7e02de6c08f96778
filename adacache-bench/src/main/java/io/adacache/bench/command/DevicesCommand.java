package io.adacache.bench.command;

import io.adacache.bench.devices.Links;
import io.adacache.bench.devices.Simulation;
import io.adacache.bench.devices.Simulation.Row;
import io.adacache.bench.devices.Volume;
import io.adacache.bench.inspect.Inspection;
import io.adacache.djl.Manifest;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Simulates a generation that several devices share. */
@Command(
        name = "devices",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Says what devices that share a generation hand to one another, from the manifest alone, and how long"
                        + " the generation would take: a simulation from step times that were measured on one device.")
public final class DevicesCommand implements Callable<Integer> {
    private static final double GIGA = 1e9;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--model", required = true, paramLabel = "FILE", description = "model file, or a manifest as JSON")
    private Path file = Path.of("");

    @Option(names = "--frames", required = true, paramLabel = "F", description = "latent frames")
    private int frames;

    @Option(names = "--height", required = true, paramLabel = "H", description = "latent rows")
    private int height;

    @Option(names = "--width", required = true, paramLabel = "W", description = "latent columns")
    private int width;

    @Option(names = "--text", paramLabel = "L", defaultValue = "300", description = "length of the text (default: 300)")
    private int text;

    @Option(names = "--batch", paramLabel = "B", defaultValue = "2", description = "rows of a call (default: 2)")
    private int batch;

    @Option(names = "--steps", required = true, paramLabel = "N", description = "steps of a generation")
    private int steps;

    @Option(names = "--computed", required = true, paramLabel = "N", description = "computed steps, on average: 12.4")
    private double computed;

    @Option(names = "--step", required = true, paramLabel = "S", description = "seconds of a computed step, one device")
    private double step;

    @Option(
            names = "--reused-step",
            paramLabel = "S",
            defaultValue = "0",
            description = "seconds of a reused step on one device (default: 0)")
    private double reusedStep;

    @Option(
            names = "--fixed",
            paramLabel = "S",
            defaultValue = "0",
            description = "seconds of what is not divided: text encoder, VAE (default: 0)")
    private double fixed;

    @Option(
            names = "--link",
            defaultValue = "nvlink-a100",
            description = "nvlink-a100, nvlink-h100, pcie-4, pcie-4-by-host (default: ${DEFAULT-VALUE})")
    private String link = "nvlink-a100";

    @Option(
            names = "--devices",
            split = ",",
            defaultValue = "1,2,4,8",
            description = "how many (default: ${DEFAULT-VALUE})")
    private List<Integer> devices = List.of();

    @Override
    public Integer call() {
        devices.forEach(count -> Ranges.check("--devices", count, Ranges.COUNT));
        Manifest manifest = Manifest.read(file);
        Map<String, Long> sizes = Map.of(
                "frames", size("--frames", frames),
                "height", size("--height", height),
                "width", size("--width", width),
                "text", size("--text", text),
                "batch", size("--batch", batch));
        Volume volume = Volume.of(manifest.layout(), new Inspection(manifest, sizes).sizes());
        print(volume, new Simulation(volume, Links.named(link), steps, computed, step, reusedStep, fixed));
        return 0;
    }

    private static long size(String option, int value) {
        return Ranges.check(option, value, Ranges.SIZE);
    }

    private void print(Volume volume, Simulation simulation) {
        PrintWriter console = spec.commandLine().getOut();
        console.printf(
                Locale.ROOT,
                "hidden state %.3f GB; a computed step switches its division %d times and gathers keys and values %d times%n",
                volume.hidden() / GIGA,
                volume.switches(),
                volume.joint());
        console.println("moved: counted by formula. Seconds and speed-up: SIMULATED from --step, --link and --fixed.");
        console.println("devices  moved, computed  moved, reused  transfers  plain (s)  cached (s)  speed-up");
        for (Row row : simulation.rows(devices)) {
            console.printf(
                    Locale.ROOT,
                    "%7d  %12.3f GB  %10.4f GB  %7.1f %%  %9.2f  %10.2f  %7.2fx%n",
                    row.devices(),
                    volume.computed(row.devices()) / GIGA,
                    volume.reused(row.devices()) / GIGA,
                    100 * row.transfer(),
                    row.plain(),
                    row.cached(),
                    row.speedUp());
        }
        console.flush();
    }
}
