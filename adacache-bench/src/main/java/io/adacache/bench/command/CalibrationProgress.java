package io.adacache.bench.command;

import io.adacache.Calibration;

/** How far a calibration is, in hundredths of what is expected. */
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
        bar.say(progress.doing());
    }

    @Override
    public void close() {
        bar.close();
    }
}
