package io.adacache.bench.cost;

/**
 * What a piece of work asks of a machine.
 *
 * @param products floating point operations of matrix products, a multiply-add counting 2
 * @param attention floating point operations between tokens, a multiply-add counting 2
 * @param bytes read from and written to memory
 * @param launches operations of the engine, however small
 */
public record Work(double products, double attention, double bytes, double launches) {
    static final Work NONE = new Work(0, 0, 0, 0);

    static Work moving(double bytes, double launches) {
        return new Work(0, 0, bytes, launches);
    }

    Work plus(Work other) {
        return new Work(
                products + other.products, attention + other.attention, bytes + other.bytes, launches + other.launches);
    }

    Work times(double count) {
        return new Work(count * products, count * attention, count * bytes, count * launches);
    }

    double[] parts() {
        return new double[] {products, attention, bytes, launches};
    }
}
