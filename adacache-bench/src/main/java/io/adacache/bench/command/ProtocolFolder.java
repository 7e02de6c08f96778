package io.adacache.bench.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.adacache.bench.files.Json;
import io.adacache.bench.files.OutputFolder;
import io.adacache.bench.protocol.ProtocolReport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** The folder of a protocol: whose it is, and what is written at the end. */
final class ProtocolFolder {
    static final String MARKDOWN = "protocol.md";
    private static final String PLAN = "plan.json";

    private ProtocolFolder() {}

    /**
     * Says whose the folder is.
     *
     * @throws IllegalArgumentException if it is that of a protocol with other settings
     */
    static void claim(OutputFolder folder, Map<String, Object> plan, String command) {
        Path file = folder.path().resolve(PLAN);
        JsonNode now = Json.tree(Map.of("plan", plan, "command", command));
        if (Files.exists(file)) {
            JsonNode before = Json.read(file);
            if (!Json.text(before.path("plan")).equals(Json.text(now.path("plan")))) {
                throw new IllegalArgumentException(folder.path() + " holds a protocol with other settings: '"
                        + before.path("command").asText() + "'. Run that to go on with it, or name another --out");
            }
        }
        folder.file(PLAN).write(Json.text(now));
    }

    /** Writes the report, its text last. */
    static void write(OutputFolder folder, ProtocolReport report) {
        folder.file("protocol.json").write(Json.text(report.json()));
        folder.file("protocol.csv").write(report.csv());
        folder.file("operations.svg").write(report.picture("operations"));
        folder.file("time.svg").write(report.picture("time"));
        folder.file(MARKDOWN).write(report.markdown());
    }
}
