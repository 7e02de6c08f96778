package io.adacache.bench.command;

import io.adacache.Calibration;
import java.time.Duration;

/** How far a calibration is, on the terminal: hundredths of a generation, and the time that is left. */
final class CalibrationProgress implements AutoCloseable {
    private static final int PARTS = 100;

    private final Progress bar = Progress.begin("calibrate", PARTS);
    private long done;

    private CalibrationProgress() {}

    static CalibrationProgress begin() {
        return new CalibrationProgress();
    }

    void hear(Calibration.Progress progress) {
        long now = Math.round(PARTS * progress.generations() / progress.expected());
        for (; done < now; done++) {
            bar.step();
        }
        Duration left = Duration.ofSeconds(Math.round(progress.secondsLeft()));
        bar.say(progress.doing()
                + (left.isZero() ? "" : ", about " + left.toString().substring(2) + " left"));
    }

    @Override
    public void close() {
        bar.close();
    }
}
