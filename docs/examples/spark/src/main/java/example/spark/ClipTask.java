package example.spark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;

/** Makes one clip on an executor. */
final class ClipTask {
    private static final ObjectMapper JSON = new ObjectMapper();
    static final String TRIES = "spark.task.maxFailures";
    static final int USUAL_TRIES = 4;

    private ClipTask() {}

    /**
     * Returns the clip's line of statistics.
     *
     * @param last whether a failure is a line, whatever tries are left
     * @throws IllegalStateException if the clip failed and has tries left: Spark makes the next one, on another executor
     */
    static String make(String job, List<String> command, boolean last) throws IOException {
        TaskContext context = TaskContext.get();
        ResourceInformation gpu = context.resourcesJMap().get("gpu");
        ObjectNode line;
        try {
            // A device of the task's is the only one that its process sees.
            line = answer(BatchProcess.of(command, gpu == null ? "" : gpu.addresses()[0]), job, context);
        } catch (IOException e) {
            line = failed(job, e.getMessage());
        }
        int tries = SparkEnv.get().conf().getInt(TRIES, USUAL_TRIES);
        if (line.path("status").asText().equals("failed") && !last && context.attemptNumber() + 1 < tries) {
            throw new IllegalStateException("Clip " + line.path("id").asText() + ": "
                    + line.path("reason").asText());
        }
        return line.put("executor", SparkEnv.get().executorId())
                .put("attempt", context.attemptNumber())
                .toString();
    }

    private static ObjectNode answer(BatchProcess process, String job, TaskContext context) throws IOException {
        return (ObjectNode) JSON.readTree(process.ask(job, context::isInterrupted));
    }

    /** What the program would say, if it could. */
    private static ObjectNode failed(String job, String reason) throws IOException {
        JsonNode asked = JSON.readTree(job);
        return JSON.createObjectNode()
                .put("id", asked.path("id").asText())
                .put("status", "failed")
                .put("reason", reason);
    }
}
