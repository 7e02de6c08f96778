package io.adacache.djl.instrument;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import java.util.Arrays;
import java.util.List;

/**
 * Holds what the written {@code modulated} returns against what the first projection of each site reads while forward runs. The
 * order of tokens may differ (windows, groups), and one of two streams may be told; the numbers may not.
 */
final class ModulatedCheck {
    private final NativeModel model;
    private final List<Integer> readingSites;
    private final List<String> notes;

    ModulatedCheck(NativeModel model, List<Integer> readingSites, List<String> notes) {
        this.model = model;
        this.readingSites = readingSites;
        this.notes = notes;
    }

    /** Returns the number of sites whose modulated input was found to be forward's. */
    int check(NDList inputs, int sites) {
        if (readingSites.isEmpty()) {
            return 0;
        }
        int equal = 0;
        NDList read = model.call("adacache_read", inputs);
        try (NativeModel.Embedded embedded = model.embed(inputs)) {
            NDArray hidden = embedded.hidden();
            for (int k = 0; k < sites; k++) {
                int at = readingSites.indexOf(k);
                if (at >= 0 && isForwards(k, hidden, embedded, read.get(at))) {
                    equal++;
                }
                hidden = model.run(k, k + 1, new long[0], hidden, embedded.context())
                        .get(0);
            }
        } finally {
            read.close();
        }
        return equal;
    }

    private boolean isForwards(int site, NDArray hidden, NativeModel.Embedded embedded, NDArray read) {
        try (NDArray modulated = model.modulated(site, hidden, embedded.context())) {
            boolean alike = modulated.getDataType() == read.getDataType();
            if (!alike && modulated.getDataType() == DataType.UNKNOWN) {
                // DJL has no name for bfloat16, so nothing can be rounded to it.
                return false;
            }
            NDArray rounded = alike ? read : read.toType(modulated.getDataType(), false);
            // Of two streams one may not be changed by the site: its part is zeros.
            if (contains(withoutZeros(sorted(modulated)), sorted(rounded))) {
                return true;
            }
            notes.add("modulated of site " + site + " is not what the first projection of the site reads in forward;"
                    + " do not measure there (teacache with another site)");
        } catch (InstrumentException e) {
            notes.add("site " + site + " has no modulated input: " + e.getMessage());
        }
        return false;
    }

    private static float[] sorted(NDArray array) {
        float[] values = array.toType(DataType.FLOAT32, true).toFloatArray();
        Arrays.sort(values);
        return values;
    }

    private static float[] withoutZeros(float[] sorted) {
        int kept = 0;
        float[] values = sorted.clone();
        for (float value : sorted) {
            if (value != 0) {
                values[kept++] = value;
            }
        }
        return Arrays.copyOf(values, kept);
    }

    /** Whether every number of the second, as often as it is there, is in the first; or the other way round. */
    private static boolean contains(float[] a, float[] b) {
        float[] larger = a.length >= b.length ? a : b;
        float[] smaller = a.length >= b.length ? b : a;
        int i = 0;
        for (float value : smaller) {
            while (i < larger.length && Float.compare(larger[i], value) < 0) {
                i++;
            }
            if (i == larger.length || Float.compare(larger[i], value) != 0) {
                return false;
            }
            i++;
        }
        return smaller.length > 0;
    }
}
