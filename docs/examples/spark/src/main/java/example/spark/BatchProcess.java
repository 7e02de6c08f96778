package example.spark;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * A process of the program that belongs to an executor and a device: the model is loaded once, and jobs go in and come out one by one. It is a
 * process of its own because a fault in native code, or the system's hand on a process that takes too much memory, shall cost a clip and
 * not an executor. Thread-safe.
 */
final class BatchProcess {
    private static final Map<String, BatchProcess> OPEN = new HashMap<>();
    private static final long LOOK_MILLIS = 20;

    private final Process process;
    private final BufferedWriter jobs;
    private final BufferedReader lines;

    static {
        // An executor that is killed outright has no such moment: its process ends by itself when nobody writes to it
        // any more.
        Runtime.getRuntime().addShutdownHook(new Thread(BatchProcess::endAll));
    }

    private BatchProcess(List<String> command, String device) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        if (!device.isEmpty()) {
            builder.environment().put("CUDA_VISIBLE_DEVICES", device);
        }
        // Options of the executor's own JVM are not for this one.
        builder.environment().remove("SPARK_HOME");
        process = builder.start();
        jobs = process.outputWriter();
        lines = process.inputReader();
    }

    /** Returns this executor's process for a device (empty where tasks have none); a new one where the last has ended. */
    static BatchProcess of(List<String> command, String device) throws IOException {
        synchronized (OPEN) {
            BatchProcess open = OPEN.get(device);
            if (open == null || !open.process.isAlive()) {
                open = new BatchProcess(command, device);
                OPEN.put(device, open);
            }
            return open;
        }
    }

    private static void endAll() {
        synchronized (OPEN) {
            OPEN.values().forEach(open -> open.process.destroy());
        }
    }

    /**
     * Returns the line that a job is answered with.
     *
     * @param cancelled tells whether nobody wants the answer any more
     * @throws IOException if the process ended; the message says how
     */
    synchronized String ask(String job, BooleanSupplier cancelled) throws IOException {
        try {
            jobs.write(job + "\n");
            jobs.flush();
            while (process.isAlive() && !lines.ready()) {
                if (cancelled.getAsBoolean()) {
                    process.destroy(); // it stops at its next span and leaves nothing half
                }
                process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS);
            }
            String line = lines.ready() ? lines.readLine() : null;
            if (line != null) {
                return line;
            }
            throw new IOException(
                    "the process ended with exit code " + process.waitFor() + "; its executor's log says why");
        } catch (InterruptedException e) {
            process.destroy();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (IOException e) {
            throw process.isAlive() ? e : new IOException("the process ended with exit code " + process.exitValue(), e);
        }
    }
}
