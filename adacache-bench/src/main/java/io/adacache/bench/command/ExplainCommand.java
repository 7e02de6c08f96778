package io.adacache.bench.command;

import io.adacache.bench.files.InputFile;
import io.adacache.bench.files.OutputFile;
import io.adacache.djl.instrument.Instrumenter;
import io.adacache.djl.instrument.SpineReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says what instrument would find in a file. */
@Command(
        name = "explain",
        mixinStandardHelpOptions = true,
        description =
                "Says what 'instrument' would find in a TorchScript file: blocks, sites and kinds, or why it is not understood."
                        + " Reads the file's text; nothing is loaded or run. 'instrument' runs the file as well, and refuses what only"
                        + " running shows. Exit code 1 if it is not understood.")
public final class ExplainCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(arity = "0..1", paramLabel = "FILE", description = "a TorchScript file")
    private @Nullable Path file;

    @Option(
            names = {"--in", "--model"},
            paramLabel = "FILE",
            hidden = true,
            description = "the same, as other commands name it")
    private @Nullable Path named;

    @Option(names = "--mermaid", paramLabel = "FILE", description = "write a Mermaid picture of the spine")
    private @Nullable Path mermaid;

    @Override
    public Integer call() throws IOException {
        OutputFile picture = OutputOption.of(mermaid);
        InputFile.check(file(), "There is no file " + file());
        SpineReport report = Instrumenter.explain(file());
        PrintWriter console = spec.commandLine().getOut();
        console.print(report.text());
        if (picture != null && report.understood()) {
            picture.write(report.mermaid());
            console.println("picture: " + picture);
        }
        console.flush();
        return report.understood() ? 0 : 1;
    }

    private Path file() {
        if ((file == null) == (named == null)) {
            throw new ParameterException(
                    spec.commandLine(),
                    file == null
                            ? "Missing required parameter: 'FILE'"
                            : "The file is named twice: " + file + ", " + named);
        }
        return file == null ? named : file;
    }
}
