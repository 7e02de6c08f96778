package io.adacache.bench.batch;

import io.adacache.bench.batch.Batch.Output;
import io.adacache.bench.files.Json;
import io.adacache.djl.TorchScriptTransformer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A digest of all that a clip depends on, so that no clip is taken for the one that another job has made under the same id. */
final class Request {
    private Request() {}

    /** Throws {@link IllegalArgumentException} if the conditioning file is missing. */
    static String of(Job job, TorchScriptTransformer model, String policy, Output output) {
        Map<String, @Nullable Object> all = new LinkedHashMap<>();
        all.put("prompt", job.prompt());
        all.put("conditioning", job.conditioning() == null ? null : digest(content(job.conditioning())));
        all.put("seed", job.seed());
        all.put("steps", job.steps());
        all.put("frames", job.frames());
        all.put("height", job.height());
        all.put("width", job.width());
        all.put("policy", policy);
        all.put("model", model.name());
        all.put("weights", model.manifest().digest().orElse(null));
        all.put("rate", output.rate());
        all.put("zoom", output.zoom());
        return digest(Json.line(all).getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] content(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException("There is no file " + file, e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns a SHA-256 as text. */
    static String digest(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has SHA-256", e);
        }
    }
}
