package io.adacache.bench.command;

import io.adacache.bench.files.OutputFile;
import io.adacache.bench.report.ClipPage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows the clips of a folder. */
@Command(
        name = "view",
        mixinStandardHelpOptions = true,
        description =
                "Writes a page that shows all clips of a folder (mp4, webp, gif, png) with what is known of them, for a browser. The page"
                        + " holds the clips, so it can be sent and kept.")
public final class ViewCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "DIR", defaultValue = ".", description = "folder with clips (default: here)")
    private Path folder = Path.of(".");

    @Option(names = "--out", paramLabel = "FILE.html", description = "where the page goes (default: DIR/clips.html)")
    private @Nullable Path out;

    @Override
    public Integer call() {
        if (!Files.isDirectory(folder)) {
            throw new IllegalArgumentException("There is no folder " + folder);
        }
        OutputFile file = OutputFile.at(out == null ? folder.resolve("clips.html") : out);
        ClipPage page = ClipPage.of(folder);
        file.write(page.html(file.path()));
        spec.commandLine()
                .getOut()
                .println(
                        page.clips() + " clips: " + file.path().toAbsolutePath().toUri());
        return 0;
    }
}
