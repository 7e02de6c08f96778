package io.adacache.bench.devices;

import java.util.ArrayList;
import java.util.List;

/**
 * How long a generation would take on several devices. Everything that is no sum of the inputs is assumed: work divides evenly, nothing
 * overlaps, the link is as fast as its data sheet.
 *
 * @param volume what crosses
 * @param link what it crosses
 * @param steps of the generation
 * @param computed how many of them are computed, on average
 * @param step seconds of a computed step on one device, measured
 * @param reusedStep seconds of a reused step on one device, measured
 * @param fixed seconds of what is not divided: text encoder, VAE
 */
public record Simulation(
        Volume volume, Link link, int steps, double computed, double step, double reusedStep, double fixed) {
    /** Checks the figures. */
    public Simulation {
        if (!(computed > 0) || computed > steps) {
            throw new IllegalArgumentException("Of " + steps + " steps, " + computed + " cannot be computed");
        }
        if (!(step > 0) || !(reusedStep >= 0) || !(fixed >= 0)) {
            throw new IllegalArgumentException("Seconds are above 0 (--step), and 0 or more (--reused-step, --fixed)");
        }
    }

    /**
     * One line of the table.
     *
     * @param devices how many
     * @param plain seconds of a generation that computes every step
     * @param cached seconds of one that reuses
     * @param transfer share of a computed step that is spent on transfers
     */
    public record Row(int devices, double plain, double cached, double transfer) {
        /** Returns how much faster caching is on as many devices. */
        public double speedUp() {
            return plain / cached;
        }
    }

    /** Returns the table for some numbers of devices. */
    public List<Row> rows(List<Integer> devices) {
        List<Row> rows = new ArrayList<>();
        for (int count : devices) {
            double moving = count == 1 ? 0 : volume.computedSeconds(count, link);
            double computing = step / count + moving;
            double reusing = reusedStep / count + (count == 1 ? 0 : volume.reusedSeconds(count, link));
            rows.add(new Row(
                    count,
                    fixed + steps * computing,
                    fixed + computed * computing + (steps - computed) * reusing,
                    moving / computing));
        }
        return rows;
    }
}
