package io.adacache.bench.calibrate;

import com.fasterxml.jackson.databind.JsonNode;
import io.adacache.Calibration.Outcome;
import io.adacache.Calibration.Point;
import io.adacache.Calibration.Psnr;
import io.adacache.Calibration.Result;
import io.adacache.Calibration.Target;
import io.adacache.bench.files.Json;
import io.adacache.policy.Generation.Scope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What {@code calibrate --json} wrote, read again: the curve, in units of an uncached generation. */
public final class FoundFile {
    private FoundFile() {}

    /**
     * Reads a file.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static Result read(Path file) {
        JsonNode json = Json.read(file);
        List<Point> curve = new ArrayList<>();
        for (JsonNode point : json.path("curve")) {
            curve.add(new Point(
                    point.path("setting").asText(),
                    point.path("value").asDouble(),
                    point.path("speedup").asDouble(),
                    point.path("psnr").asDouble()));
        }
        double faster = json.path("measured").path("speedup").path("operations").asDouble();
        if (curve.isEmpty() || !(faster > 0)) {
            throw new IllegalArgumentException(file + " is not what 'calibrate --json' writes: it has no curve");
        }
        Psnr psnr = new Psnr(0, 0, 0, 0);
        Outcome unit = new Outcome(
                faster,
                faster,
                1 / faster,
                psnr,
                json.path("measured").path("prompts").asInt());
        return new Result(
                Target.speedup(Math.max(faster, 1.01)),
                json.path("template").asText(),
                json.path("setting").asText(),
                json.path("reachable").asBoolean(),
                json.path("why").asText(),
                unit,
                unit,
                curve,
                new Scope(json.path("scope").path("steps").asInt(), List.of(), 0, "", Map.of()),
                Double.NaN,
                json.path("generations_spent").asDouble(),
                json.path("bytes_held").asLong());
    }
}
