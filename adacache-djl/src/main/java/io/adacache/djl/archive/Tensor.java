package io.adacache.djl.archive;

import java.util.List;

/**
 * What the archive says about one stored tensor; its numbers stay where they are.
 *
 * @param dtype {@code float32}, {@code int64}, ...
 * @param storage entry name of the bytes
 * @param offset first element within the storage
 */
public record Tensor(String dtype, String storage, long offset, List<Long> shape, List<Long> strides) {
    /** Number of elements. */
    public long count() {
        return shape.stream().reduce(1L, (a, b) -> a * b);
    }

    /** Bytes per element of a dtype, or 0 if it is none that a model file may hold. */
    static int width(String dtype) {
        return switch (dtype) {
            case "complex128" -> 16;
            case "float64", "int64", "complex64" -> 8;
            case "float32", "int32" -> 4;
            case "float16", "bfloat16", "int16" -> 2;
            case "uint8", "int8", "bool" -> 1;
            default -> 0;
        };
    }

    static String dtypeOf(String storageClass) {
        return switch (storageClass) {
            case "DoubleStorage" -> "float64";
            case "FloatStorage" -> "float32";
            case "HalfStorage" -> "float16";
            case "BFloat16Storage" -> "bfloat16";
            case "LongStorage" -> "int64";
            case "IntStorage" -> "int32";
            case "ShortStorage" -> "int16";
            case "CharStorage" -> "int8";
            case "ByteStorage" -> "uint8";
            case "BoolStorage" -> "bool";
            case "ComplexFloatStorage" -> "complex64";
            case "ComplexDoubleStorage" -> "complex128";
            default -> storageClass;
        };
    }
}
