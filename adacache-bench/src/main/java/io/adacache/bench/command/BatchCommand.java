package io.adacache.bench.command;

import io.adacache.bench.batch.Batch;
import io.adacache.bench.batch.Batch.Outcome;
import io.adacache.bench.batch.Batch.Output;
import io.adacache.bench.batch.ClipStore;
import io.adacache.bench.batch.Job;
import io.adacache.bench.batch.JobList;
import io.adacache.bench.batch.Shard;
import io.adacache.djl.TorchScriptTransformer;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Makes the clips of a list. */
@Command(
        name = "batch",
        mixinStandardHelpOptions = true,
        description = {
            "Makes the clips of a list, one after another, and skips those that are there: run again after whatever stopped it, it"
                    + " goes on. Several processes may share a list (--shard) and an output.",
            "A job is a line {\"id\": \"one\", \"prompt\": \"...\", \"seed\": 1, \"steps\": 30, \"frames\": 8, \"height\": 16, \"width\":"
                    + " 16, \"policy\": \"adacache-fast\"}; 'conditioning' (an .npz, from the list's folder) stands for 'prompt', 'tier' for"
                    + " 'policy', and all but the id and one of the first two may be left out.",
            "Prints one line of JSON per job. The exit code is 0 when all clips are there, 2 when a job will fail again (never retry), 3"
                    + " when another try may help."
        })
public final class BatchCommand implements Callable<Integer> {
    private static final int WRONG = 2;
    private static final int FAILED = 3;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ModelOptions model = new ModelOptions();

    @Mixin
    private ShowOptions shown = new ShowOptions();

    @Option(
            names = "--jobs",
            paramLabel = "FILE.jsonl|-",
            required = true,
            description = "the list; - for lines of standard input, each done as it arrives")
    private Path jobs = Path.of("jobs.jsonl");

    @Option(
            names = "--out",
            paramLabel = "DIR|URI",
            required = true,
            description =
                    "where clips go: a folder, or the URI of one on a file system that a provider on the class path knows")
    private String out = "";

    @Option(
            names = "--policy",
            defaultValue = "adacache-fast",
            description = "of jobs that name none (default: ${DEFAULT-VALUE})")
    private String policy = "adacache-fast";

    @Option(names = "--latents", description = "write the last latent, too (.npy)")
    private boolean latents;

    @Option(
            names = "--shard",
            paramLabel = "I/N",
            description =
                    "this process's share: jobs whose place leaves the remainder I (default: JOB_COMPLETION_INDEX/ADACACHE_SHARDS of the"
                            + " environment, or all)")
    private @Nullable String shard;

    @Override
    public Integer call() {
        Output output = new Output(shown.formats("mp4"), latents, shown.rate(), shown.zoom());
        List<Job> share =
                isStream() ? List.of() : Shard.of(shard, System.getenv()).of(JobList.read(jobs));
        ClipStore store = ClipStore.open(out, System.getenv().getOrDefault("HOSTNAME", "local"));
        PrintWriter console = spec.commandLine().getOut();
        Outcome outcome;
        try (TorchScriptTransformer transformer = model.load()) {
            Batch batch = new Batch(transformer, policy, store, output, line -> {
                console.println(line);
                console.flush();
            });
            outcome = isStream() ? batch.follow(System.in, Path.of("").toAbsolutePath()) : batch.run(share);
        }
        spec.commandLine()
                .getErr()
                .printf(
                        "%d made, %d there before, %d wrong, %d failed, in %s%n",
                        outcome.done(), outcome.skipped(), outcome.wrong(), outcome.failed(), store);
        return outcome.failed() > 0 ? FAILED : outcome.wrong() > 0 ? WRONG : 0;
    }

    /** Whoever writes into standard input shares the jobs out: a share of them here would be lost. */
    private boolean isStream() {
        boolean stream = jobs.toString().equals("-");
        if (stream && shard != null) {
            throw new IllegalArgumentException("--shard is a share of a file, not of standard input (--jobs -)");
        }
        return stream;
    }
}
