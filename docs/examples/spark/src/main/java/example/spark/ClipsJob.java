package example.spark;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the clips of a table of prompts: a row in, a video and a row of statistics out.
 *
 * <pre>spark-submit --class example.spark.ClipsJob spark-clips-1.jar PROMPTS CLIPS STATISTICS COMMAND...</pre>
 *
 * <p>PROMPTS is a table ({@code .csv} with a header, {@code .parquet}, else JSON lines) whose columns are the fields of a job of {@code batch}.
 * CLIPS is a folder that all executors mount, STATISTICS a place that Spark writes to, COMMAND what an executor runs: {@code java -jar
 * adacache-bench.jar batch --model model.pt}, perhaps with more options. The exit code is that of {@code batch}: 0 all clips are there, 2 some
 * rows will fail again, 3 another try may help.
 */
public final class ClipsJob {
    private static final Logger LOG = LoggerFactory.getLogger(ClipsJob.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SCHEMA =
            "id STRING, status STRING, reason STRING, policy STRING, seed BIGINT, steps INT, computed INT,"
                    + " reused INT, millis DOUBLE, bytesHeld BIGINT, bytesPeak BIGINT, latent STRING, files ARRAY<STRING>,"
                    + " warnings ARRAY<STRING>, executor STRING, attempt INT";
    private static final int WRONG = 2;
    private static final int FAILED = 3;

    private ClipsJob() {}

    public static void main(String[] args) throws IOException {
        if (args.length < 4) {
            System.err.println("Usage: ClipsJob PROMPTS CLIPS STATISTICS COMMAND...");
            System.exit(WRONG);
        }
        int code;
        try (SparkSession spark =
                SparkSession.builder().config(settings(new SparkConf())).getOrCreate()) {
            code = run(spark, args);
        }
        System.exit(code);
    }

    /**
     * A clip that failed is tried again on another executor, and says nothing against the one it failed on: clips may be at fault
     * themselves. Spark wants fewer tries per machine than in all.
     */
    static SparkConf settings(SparkConf conf) {
        String never = "1000000";
        int tries = conf.getInt(ClipTask.TRIES, ClipTask.USUAL_TRIES);
        return conf.setIfMissing("spark.app.name", "clips")
                .setIfMissing("spark.excludeOnFailure.enabled", Boolean.toString(tries > 1))
                .setIfMissing("spark.excludeOnFailure.task.maxTaskAttemptsPerExecutor", "1")
                .setIfMissing("spark.excludeOnFailure.task.maxTaskAttemptsPerNode", Integer.toString(tries - 1))
                .setIfMissing("spark.excludeOnFailure.stage.maxFailedTasksPerExecutor", never)
                .setIfMissing("spark.excludeOnFailure.stage.maxFailedExecutorsPerNode", never)
                .setIfMissing("spark.excludeOnFailure.application.maxFailedTasksPerExecutor", never)
                .setIfMissing("spark.excludeOnFailure.application.maxFailedExecutorsPerNode", never)
                // Where a clip has failed on every executor there is, waiting for others is in vain.
                .setIfMissing("spark.scheduler.excludeOnFailure.unschedulableTaskSetTimeout", "5s");
    }

    private static int run(SparkSession spark, String[] args) throws IOException {
        List<String> command = new ArrayList<>(Arrays.asList(args).subList(3, args.length));
        command.addAll(List.of("--jobs", "-", "--out", args[1]));
        List<String> jobs = read(spark, args[0])
                .withColumn("id", functions.col("id").cast("string"))
                .toJSON()
                .collectAsList();
        Set<String> ids = new HashSet<>();
        for (String job : jobs) {
            if (!ids.add(JSON.readTree(job).path("id").asText())) {
                System.err.println(
                        "error: this id stands in " + args[0] + " twice, and names the clip's files: " + job);
                return WRONG;
            }
        }
        List<String> lines = lines(spark, jobs, command);
        spark.read()
                .schema(SCHEMA)
                .json(spark.createDataset(lines, Encoders.STRING()))
                .coalesce(1)
                .write()
                .mode("overwrite")
                .json(args[2]);
        Map<String, Integer> counts = new TreeMap<>();
        for (String line : lines) {
            counts.merge(JSON.readTree(line).path("status").asText(), 1, Integer::sum);
        }
        System.out.println("clips: " + counts);
        return counts.containsKey("failed") ? FAILED : counts.containsKey("wrong") ? WRONG : 0;
    }

    private static Dataset<Row> read(SparkSession spark, String table) {
        if (table.endsWith(".csv")) {
            return spark.read()
                    .option("header", true)
                    .option("inferSchema", true)
                    .csv(table);
        }
        return table.endsWith(".parquet")
                ? spark.read().parquet(table)
                : spark.read().json(table);
    }

    /**
     * One line per job. A task is a clip; one that fails is Spark's to try elsewhere. If Spark gives up, because a clip has failed on every
     * executor that is left, the rest is made without such tries: what is done is skipped, and what fails is a line.
     */
    private static List<String> lines(SparkSession spark, List<String> jobs, List<String> command) {
        JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        try {
            return collect(context, jobs, command, false);
        } catch (Exception e) {
            // Spark's exceptions are checked in Scala only.
            if (!(e instanceof SparkException)) {
                throw e;
            }
            LOG.warn("Spark gave up; what is left is made without further tries", e);
            return collect(context, jobs, command, true);
        }
    }

    private static List<String> collect(
            JavaSparkContext context, List<String> jobs, List<String> command, boolean last) {
        return jobs.isEmpty()
                ? List.of()
                : context.parallelize(jobs, jobs.size())
                        .map(job -> ClipTask.make(job, command, last))
                        .collect();
    }
}
