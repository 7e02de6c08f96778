package example.spark;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.apache.spark.launcher.JavaModuleOptions;

/** A standalone cluster on this machine: a master and two workers, each a process of its own, out of the jars of this class path. */
final class Cluster implements AutoCloseable {
    private static final String HOST = "127.0.0.1";

    private final Path home;
    private final int port;
    private final List<Process> processes = new ArrayList<>();
    private final List<Process> workers = new ArrayList<>();

    /** Starts it; returns when both workers are registered. */
    Cluster(Path home) throws IOException {
        this.home = home;
        this.port = freePort();
        link(Files.createDirectories(home.resolve("jars")));
        start(
                "master",
                "org.apache.spark.deploy.master.Master",
                "--host",
                HOST,
                "--port",
                "" + port,
                "--webui-port",
                "0");
        awaitText("master", "Starting Spark master");
        for (String name : List.of("worker-1", "worker-2")) {
            workers.add(start(
                    name,
                    "org.apache.spark.deploy.worker.Worker",
                    "--host",
                    HOST,
                    "--cores",
                    "1",
                    "--memory",
                    "800m",
                    "--webui-port",
                    "0",
                    "--work-dir",
                    home.resolve(name).toString(),
                    master()));
            awaitText(name, "Successfully registered with master");
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(HOST))) {
            return socket.getLocalPort();
        }
    }

    /** What a distribution has in its folder jars. */
    private static void link(Path jars) throws IOException {
        for (String entry : System.getProperty("java.class.path").split(":")) {
            if (entry.endsWith(".jar")) {
                Path jar = Path.of(entry);
                Files.createSymbolicLink(jars.resolve(jar.getFileName()), jar);
            }
        }
    }

    String master() {
        return "spark://" + HOST + ":" + port;
    }

    /** What a process has said. */
    String said(String name) throws IOException {
        Path log = home.resolve(name + ".log");
        return Files.exists(log) ? Files.readString(log) : "";
    }

    private void awaitText(String name, String text) throws IOException {
        while (!said(name).contains(text)) {
            if (processes.stream().anyMatch(process -> !process.isAlive())) {
                throw new IllegalStateException(name + ": " + said(name));
            }
            LockSupport.parkNanos(20_000_000);
        }
    }

    /** Runs a class with Spark on its class path, as the scripts of a distribution do. */
    Process start(String name, String... command) throws IOException {
        List<String> all = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx640m"));
        all.addAll(Arrays.asList(JavaModuleOptions.defaultModuleOptionArray()));
        all.addAll(List.of("-cp", home.resolve("jars") + "/*"));
        all.addAll(List.of(command));
        ProcessBuilder builder = new ProcessBuilder(all)
                .directory(home.toFile())
                .redirectErrorStream(true)
                .redirectOutput(home.resolve(name + ".log").toFile());
        builder.environment().put("SPARK_HOME", home.toString());
        builder.environment().put("SPARK_LOCAL_IP", HOST);
        builder.environment().put("SPARK_SCALA_VERSION", "2.13");
        Process process = builder.start();
        processes.add(process);
        return process;
    }

    /** Submits an application and returns its process. */
    Process submit(String name, String... more) throws IOException {
        List<String> all = new ArrayList<>(
                List.of("org.apache.spark.deploy.SparkSubmit", "--master", master(), "--executor-memory", "640m"));
        all.addAll(List.of(more));
        return start(name, all.toArray(String[]::new));
    }

    /** A machine is lost: a worker, its executor and whatever that has started are gone at once. */
    void loseMachine() {
        Process worker = workers.get(0);
        processes.remove(worker);
        List<ProcessHandle> all = Stream.concat(Stream.of(worker.toHandle()), worker.descendants())
                .toList();
        all.forEach(ProcessHandle::destroyForcibly);
    }

    /** The links go first: whoever cleans up after the test would warn of each. */
    @Override
    public void close() throws IOException {
        for (Process process : processes) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        try (Stream<Path> links = Files.list(home.resolve("jars"))) {
            for (Path link : links.toList()) {
                Files.delete(link);
            }
        }
    }
}
