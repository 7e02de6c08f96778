package io.adacache.bench.command;

import io.adacache.bench.report.PlainText;
import java.io.Console;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * A progress bar on the terminal; where standard error is no terminal, a line a minute for whoever reads the log of a long run. Thread-safe.
 */
final class Progress implements AutoCloseable {
    private static final int WIDTH = 100;
    private static final Duration BETWEEN_LINES = Duration.ofMinutes(1);

    private final String task;
    private final long parts;
    private final @Nullable ProgressBar bar;
    private final LongSupplier nanos;
    private final Consumer<String> lines;
    private final long begun;
    private long said;
    private long done;
    private String doing = "";

    private Progress(String task, long parts, @Nullable ProgressBar bar, LongSupplier nanos, Consumer<String> lines) {
        this.task = task;
        this.parts = parts;
        this.bar = bar;
        this.nanos = nanos;
        this.lines = lines;
        this.begun = nanos.getAsLong();
        this.said = begun;
    }

    /** Begins a bar of so many parts. */
    static Progress begin(String task, long parts) {
        return isTerminal()
                ? new Progress(task, parts, bar(task, parts), System::nanoTime, line -> {})
                : lines(task, parts, System::nanoTime, System.err::println);
    }

    /** Begins to write lines, by a clock that counts nanoseconds. */
    static Progress lines(String task, long parts, LongSupplier nanos, Consumer<String> lines) {
        return new Progress(task, parts, null, nanos, lines);
    }

    private static ProgressBar bar(String task, long parts) {
        return new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(parts)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(200)
                .setConsumer(new ConsoleProgressBarConsumer(System.err, WIDTH))
                .build();
    }

    /** From JDK 22 on there is a console even without a terminal; it tells when asked. */
    private static boolean isTerminal() {
        Console console = System.console();
        if (console == null) {
            return false;
        }
        try {
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException e) {
            return true;
        }
    }

    /** One part is done. */
    synchronized void step() {
        done++;
        if (bar != null) {
            bar.step();
        }
        tell();
    }

    /** Says what is being done. */
    synchronized void say(String text) {
        doing = text;
        if (bar != null) {
            bar.setExtraMessage(text);
        }
        tell();
    }

    private void tell() {
        long now = nanos.getAsLong();
        if (now - said < BETWEEN_LINES.toNanos()) {
            return;
        }
        said = now;
        Duration gone = Duration.ofNanos(now - begun);
        String left = done == 0
                ? ""
                : ", about "
                        + minutes(gone.multipliedBy(Math.max(0, parts - done)).dividedBy(done)) + " left";
        lines.accept(
                PlainText.of(task + ": " + done + " of " + parts + " after " + minutes(gone) + left + ": " + doing));
    }

    private static String minutes(Duration duration) {
        return Math.max(1, Math.round(duration.toSeconds() / 60.0)) + " min";
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
