package example.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1Job;
import io.kubernetes.client.openapi.models.V1JobSpec;
import io.kubernetes.client.openapi.models.V1PodFailurePolicyRule;
import io.kubernetes.client.openapi.models.V1PodSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;

/** The job's manifest against the API's models, and its container's command as a process of this machine. */
@Timeout(600)
class ManifestTest {
    private static final int NEVER = 2;
    private static final List<String> WORDS = List.of("red", "green", "blue", "yellow", "white");

    @TempDir
    private Path folder;

    private static JsonElement json(String yaml) {
        LoaderOptions strict = new LoaderOptions();
        strict.setAllowDuplicateKeys(false);
        Object tree = new Yaml(strict).load(yaml);
        return new Gson().toJsonTree(tree);
    }

    private static String text() throws IOException {
        return Files.readString(Path.of("job.yaml"));
    }

    private static V1Job job() throws IOException {
        V1Job.validateJsonElement(json(text()));
        return V1Job.fromJson(new Gson().toJson(json(text())));
    }

    @Test
    void everyFieldIsOneOfTheApis() throws IOException {
        new JSON();
        V1Job.validateJsonElement(json(text()));
        for (String wrong : List.of(
                text().replace("backoffLimitPerIndex", "backoffLimitPerIndexx"),
                text().replace("terminationGracePeriodSeconds", "gracePeriodSeconds"),
                text().replace("onExitCodes", "onExitCode"),
                text().replace("readOnlyRootFilesystem", "readOnly"),
                text().replace("          operator: In\n", ""))) {
            assertThrows(IllegalArgumentException.class, () -> V1Job.validateJsonElement(json(wrong)));
        }
    }

    /** What the API server asks for beyond the schema. */
    @Test
    void theJobIsWhatTheServerAccepts() throws IOException {
        V1Job job = job();
        V1JobSpec spec = job.getSpec();
        V1PodSpec pod = spec.getTemplate().getSpec();
        assertEquals("batch/v1", job.getApiVersion());
        assertEquals("Job", job.getKind());
        assertEquals("Indexed", String.valueOf(spec.getCompletionMode()), "backoffLimitPerIndex needs it");
        assertEquals("Never", String.valueOf(pod.getRestartPolicy()), "podFailurePolicy needs it");
        assertTrue(spec.getMaxFailedIndexes() <= spec.getCompletions());
        assertTrue(spec.getParallelism() <= spec.getCompletions());
        Set<String> actions = Set.of("Ignore", "FailIndex", "FailJob", "Count");
        for (V1PodFailurePolicyRule rule : spec.getPodFailurePolicy().getRules()) {
            assertTrue(actions.contains(String.valueOf(rule.getAction())));
            assertTrue(
                    (rule.getOnExitCodes() == null) != rule.getOnPodConditions().isEmpty(), "one of the two");
        }
        V1PodFailurePolicyRule never = spec.getPodFailurePolicy().getRules().get(1);
        assertEquals(List.of(NEVER), never.getOnExitCodes().getValues());
        assertEquals(container().getName(), never.getOnExitCodes().getContainerName());
        Set<String> volumes =
                pod.getVolumes().stream().map(volume -> volume.getName()).collect(Collectors.toSet());
        container().getVolumeMounts().forEach(mount -> assertTrue(volumes.contains(mount.getName()), mount.getName()));
        assertEquals(String.valueOf(spec.getCompletions()), environment().get("ADACACHE_SHARDS"));
    }

    private static V1Container container() throws IOException {
        return job().getSpec().getTemplate().getSpec().getContainers().get(0);
    }

    private static Map<String, String> environment() throws IOException {
        return container().getEnv().stream()
                .filter(variable -> variable.getValue() != null)
                .collect(Collectors.toMap(variable -> variable.getName(), variable -> variable.getValue()));
    }

    /** The Dockerfile's entry point and the manifest's arguments, with folders of this machine for its volumes. */
    private Process pod(int index, Path lists, Path clips) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-jar",
                System.getProperty("program")));
        for (String argument : container().getArgs()) {
            command.add(argument.replace("/opt/adacache/model.pt", System.getProperty("model"))
                    .replace("/lists", lists.toString())
                    .replace("/clips", clips.toString()));
        }
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("pod-" + index + ".log").toFile());
        builder.environment().putAll(environment());
        builder.environment().put("HOSTNAME", "adacache-clips-" + index + "-abcde");
        builder.environment().put("JOB_COMPLETION_INDEX", "" + index);
        return builder.start();
    }

    @Test
    void thePodsOfAJobShareAListWithoutLosingOrRepeatingAClip() throws Exception {
        Path lists = Files.createDirectories(folder.resolve("lists"));
        Path clips = folder.resolve("clips");
        List<String> jobs = new ArrayList<>();
        for (String word : WORDS) {
            jobs.add("{\"id\": \"" + word + "\", \"prompt\": \"a " + word + " circle\", \"steps\": 3}");
        }
        jobs.add(3, "{\"id\": \"poison\", \"prompt\": \"a cathedral\"}");
        Files.write(lists.resolve("jobs.jsonl"), jobs);
        int count = job().getSpec().getCompletions();
        for (int index = 0; index < count; index++) {
            Process pod = pod(index, lists, clips);
            int number = index;
            assertEquals(index == 3 ? NEVER : 0, pod.waitFor(), () -> log(number));
        }
        Set<String> expected = new TreeSet<>();
        WORDS.forEach(word -> expected.addAll(List.of(word + ".json", word + ".mp4")));
        try (Stream<Path> files = Files.list(clips)) {
            assertEquals(
                    expected,
                    files.map(file -> file.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new)));
        }
        Process again = pod(0, lists, clips);
        assertEquals(0, again.waitFor());
        assertTrue(log(0).contains("0 made, 2 there before"), log(0));
    }

    private String log(int index) {
        try {
            return Files.readString(folder.resolve("pod-" + index + ".log"));
        } catch (IOException e) {
            return e.toString();
        }
    }
}
