package io.adacache.djl.instrument.graph;

import java.util.List;

/** PyTorch's dtype codes, as they stand in serialised code. */
final class Dtypes {
    private static final int HALF = 5;
    private static final int FLOAT = 6;
    private static final int DOUBLE = 7;
    private static final int BFLOAT16 = 15;

    private Dtypes() {}

    /** A dtype that holds every number of the given ones exactly. */
    static int widest(List<Integer> codes) {
        if (codes.contains(DOUBLE)) {
            return DOUBLE;
        }
        boolean halves = codes.contains(HALF) && codes.contains(BFLOAT16);
        return codes.contains(FLOAT) || halves ? FLOAT : codes.get(0);
    }

    static String name(String code) {
        return switch (code) {
            case "0" -> "uint8";
            case "1" -> "int8";
            case "3" -> "int32";
            case "4" -> "int64";
            case "5" -> "float16";
            case "6" -> "float32";
            case "7" -> "float64";
            case "11" -> "bool";
            case "15" -> "bfloat16";
            default -> "code " + code;
        };
    }
}
