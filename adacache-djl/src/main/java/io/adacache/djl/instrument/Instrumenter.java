package io.adacache.djl.instrument;

import io.adacache.djl.archive.Archive;
import io.adacache.djl.archive.ArchiveException;
import io.adacache.djl.archive.Tensor;
import io.adacache.djl.archive.WorkFolder;
import io.adacache.djl.instrument.graph.NotUnderstood;
import io.adacache.djl.instrument.graph.Program;
import io.adacache.djl.instrument.graph.Spine;
import io.adacache.djl.instrument.syntax.SyntaxException;
import io.adacache.layout.Site;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Makes an AdaCache-ready file out of an unmodified TorchScript transformer, without Python. Stateless; may be called from any
 * thread (the work is done on a thread of its own, so that the engine's thread settings of the caller stay as they are).
 */
public final class Instrumenter {
    private static final long STACK = 256L << 20;

    private Instrumenter() {}

    /**
     * Finds the residual spine of {@code in}, writes a copy with the contract's methods and manifest to {@code out}, and verifies
     * it: what is written computes what forward computes, bit for bit on the CPU, or nothing is written.
     *
     * @param in a TorchScript archive; never changed
     * @param out the new file; appears only when all is verified
     * @throws InstrumentException if the file is damaged, unsafe, not understood, or not verified; the message says why and where
     * @throws IOException if a file cannot be read or written
     */
    public static InstrumentReport instrument(Path in, Path out, InstrumentOptions options) throws IOException {
        InstrumentRun.checkPaths(in, out, options.overwrite());
        return WorkFolder.beside(out, folder -> call(options.timeLimit(), () -> instrument(in, out, options, folder)));
    }

    private static InstrumentReport instrument(Path in, Path out, InstrumentOptions options, Path folder)
            throws IOException {
        try (Archive archive = Archive.open(in)) {
            archive.checkAll();
            Program program = Program.read(archive);
            Path npz = options.verifyInputs();
            Map<String, Tensor> given = npz == null ? Map.of() : CallInputs.described(npz);
            Spine spine = Spine.find(program, given, options.latent());
            try {
                return new InstrumentRun(archive, program, spine, out, folder, options).run();
            } catch (NotUnderstood e) {
                // A stream that starts joined may be taken apart later on.
                Spine apart = spine.apart();
                if (apart == null) {
                    throw e;
                }
                return new InstrumentRun(archive, program, apart, out, folder, options).run();
            }
        }
    }

    /**
     * Says what would be cut, from the file's text alone: nothing is loaded or run.
     *
     * @throws InstrumentException if the file is damaged or unsafe. A file that is sound but not understood is reported, with
     *     the reason
     * @throws IOException if the file cannot be read
     */
    public static SpineReport explain(Path in) throws IOException {
        return call(Duration.ofHours(1), () -> {
            try (Archive archive = Archive.open(in)) {
                Program program = Program.read(archive);
                try {
                    return describe(program, Spine.find(program, Map.of(), null));
                } catch (NotUnderstood e) {
                    return new SpineReport(
                            List.of(), 0, List.of(), 0, List.of(), List.of(), String.valueOf(e.getMessage()));
                }
            }
        });
    }

    static SpineReport describe(Program program, Spine spine) {
        List<String> inputs = new ArrayList<>();
        List<Tensor> traced = program.tracedInputs();
        for (int i = 0; i < spine.inputs().size(); i++) {
            boolean known = traced.size() == spine.inputs().size();
            inputs.add(spine.inputs().get(i)
                    + (known
                            ? ": " + traced.get(i).dtype() + " " + traced.get(i).shape()
                            : ""));
        }
        List<SpineReport.Found> sites = spine.sites().stream()
                .map(s -> new SpineReport.Found(
                        new Site(s.index(), s.block(), s.kind()),
                        s.where(),
                        s.line(),
                        spine.glue(s.index()),
                        s.streams(),
                        s.merged()))
                .toList();
        List<String> baked = new ArrayList<>();
        spine.baked().forEach((what, times) -> baked.add(what + ", " + times + " times"));
        spine.unreadInputs()
                .forEach(name -> baked.add("input " + name + " is not read; what it meant is part of the file"));
        return new SpineReport(inputs, spine.operations(), sites, spine.streams(), spine.outside(), baked, null);
    }

    private static <T> T call(Duration limit, Callable<T> work) throws IOException {
        FutureTask<T> task = new FutureTask<>(work);
        Thread thread = new Thread(null, task, "adacache-instrument", STACK);
        thread.setDaemon(true);
        thread.start();
        try {
            return task.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            task.cancel(true);
            throw new InstrumentException("not done within " + limit + "; nothing was written", e);
        } catch (InterruptedException e) {
            // What it has written must not be deleted, and the engine not end, while it is at work.
            task.cancel(true);
            awaitEnd(thread);
            Thread.currentThread().interrupt();
            throw new InstrumentException(NativeModel.INTERRUPTED, e);
        } catch (ExecutionException e) {
            throw translate(Objects.requireNonNullElse(e.getCause(), e));
        }
    }

    private static void awaitEnd(Thread thread) {
        boolean ended = false;
        while (!ended) {
            try {
                thread.join();
                ended = true;
            } catch (InterruptedException e) {
                // The interrupt is handed on already.
            }
        }
    }

    private static RuntimeException translate(Throwable cause) throws IOException {
        if (cause instanceof NotUnderstood || cause instanceof ArchiveException || cause instanceof SyntaxException) {
            return new InstrumentException(cause);
        }
        if (cause instanceof StackOverflowError) {
            return new InstrumentException("the file's code is nested too deeply", cause);
        }
        if (cause instanceof IOException io) {
            throw io;
        }
        if (cause instanceof Error error) {
            throw error;
        }
        if (cause instanceof RuntimeException runtime) {
            return runtime;
        }
        return new IllegalStateException(cause);
    }
}
