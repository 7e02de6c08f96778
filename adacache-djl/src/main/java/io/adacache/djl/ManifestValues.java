package io.adacache.djl;

import io.adacache.layout.Layout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a manifest says, while it is collected: read out of JSON, or told by a program that writes model files. */
abstract class ManifestValues {
    int contract = 1;
    String family = "";
    String name = "";
    Map<String, ?> exporter = Map.of();

    @Nullable
    String obstacle;

    String dtype = "float32";
    long parameters;

    @Nullable
    String digest;

    int channels;
    String prefix = "0";
    int patchFrames = 1;
    int patchHeight = 1;
    int patchWidth = 1;
    List<Manifest.Input> inputs = new ArrayList<>();
    Map<String, Integer> sizes = new TreeMap<>();
    Manifest.Prediction prediction = new Manifest.Prediction("noise", List.of(), 0, 0);
    Layout layout = Layout.opaque();
    Manifest.Guidance guidance = Manifest.Guidance.NONE;
    int steps;
    Map<String, Map<String, String>> policies = new HashMap<>();
    Map<String, Manifest.Tier> tiers = Map.of();
    Map<String, List<Manifest.Term>> flops = new LinkedHashMap<>();

    int patch(String dimension) {
        return switch (dimension) {
            case "frames" -> patchFrames;
            case "height" -> patchHeight;
            default -> patchWidth;
        };
    }

    int bytesPerElement() {
        return switch (dtype) {
            case "float64" -> Double.BYTES;
            case "float32" -> Float.BYTES;
            default -> Short.BYTES;
        };
    }

    int indexOf(String role) {
        for (int i = 0; i < inputs.size(); i++) {
            if (inputs.get(i).role().equals(role)) {
                return i;
            }
        }
        return -1;
    }
}
