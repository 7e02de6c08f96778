package example.spark;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * The program as a fault in native code would have it: passes jobs on, but dies without a word at the clip {@code crash-always}, and at {@code
 * crash-once} the first time.
 */
final class Fragile {
    private static final int ABORTED = 134;

    private Fragile() {}

    public static void main(String[] args) throws Exception {
        Path marks = Path.of(args[0]);
        List<String> command = Arrays.asList(args).subList(1, args.length);
        Process program = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (BufferedWriter jobs = program.outputWriter()) {
            for (String job = in.readLine(); job != null; job = in.readLine()) {
                if (job.contains("crash-always") || job.contains("crash-once") && isFirst(marks)) {
                    program.destroyForcibly();
                    Runtime.getRuntime().halt(ABORTED);
                }
                jobs.write(job + "\n");
                jobs.flush();
            }
        }
        System.exit(program.waitFor());
    }

    private static boolean isFirst(Path marks) throws IOException {
        try {
            Files.createFile(marks.resolve("crashed-once"));
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        }
    }
}
