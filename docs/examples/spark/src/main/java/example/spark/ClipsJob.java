package example.spark;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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

    private static int run(SparkSession spark, String[] args) {
        List<String> command = new ArrayList<>(Arrays.asList(args).subList(3, args.length));
        command.addAll(List.of("--jobs", "-", "--out", args[1]));
        Dataset<Row> table = read(spark, args[0]);
        if (table.select("id").distinct().count() < table.count()) {
            System.err.println("error: an id stands in " + args[0] + " twice; it names the clip's files");
            return WRONG;
        }
        List<String> jobs = table.withColumn("id", functions.col("id").cast("string"))
                .toJSON()
                .collectAsList();
        Dataset<Row> statistics = spark.read()
                .schema(SCHEMA)
                .json(spark.createDataset(lines(spark, jobs, command), Encoders.STRING()))
                .cache();
        statistics.coalesce(1).write().mode("overwrite").json(args[2]);
        statistics.groupBy("status").count().show();
        long wrong = count(statistics, "wrong");
        long failed = count(statistics, "failed");
        return failed > 0 ? FAILED : wrong > 0 ? WRONG : 0;
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

    private static long count(Dataset<Row> statistics, String status) {
        return statistics.filter(functions.col("status").equalTo(status)).count();
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
