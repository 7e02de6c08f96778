package io.adacache.djl;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.util.Utils;
import ai.djl.util.cuda.CudaUtils;
import io.adacache.djl.TorchScriptTransformer.Finding;
import io.adacache.djl.TorchScriptTransformer.Finding.Level;
import io.adacache.djl.engine.Engines;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a JVM, its settings and its natives look like to the engine. */
final class SetUp {
    private static final int OLDEST_JAVA = 17;
    private static final int NATIVE_ACCESS_ASKED = 24;
    private static final int MEBI = 20;
    private static final String LIBRARY_PATH = "PYTORCH_LIBRARY_PATH";

    private final List<Finding> findings = new ArrayList<>();

    private SetUp() {}

    /** Returns what is known before anything native is loaded. */
    static List<Finding> beforeTheEngine() {
        SetUp setUp = new SetUp();
        setUp.java();
        setUp.memory();
        setUp.versions();
        setUp.threads();
        setUp.allocator();
        setUp.folders();
        return setUp.findings;
    }

    /** Starts the engine and returns what it says of itself. */
    static List<Finding> engine(Device device) {
        SetUp setUp = new SetUp();
        setUp.started(device);
        return setUp.findings;
    }

    private void add(Level level, String subject, String found, String advice) {
        findings.add(new Finding(level, subject, found, advice));
    }

    private void java() {
        int version = Runtime.version().feature();
        String found = System.getProperty("java.vm.name") + " " + Runtime.version() + " on "
                + System.getProperty("os.name") + " " + System.getProperty("os.arch");
        if (version < OLDEST_JAVA) {
            add(Level.WRONG, "java", found, "use a JDK 17 or later");
        } else if (version >= NATIVE_ACCESS_ASKED && !mayCallNatives()) {
            add(
                    Level.NOTE,
                    "java",
                    found + "; calls of native code are not allowed explicitly, which a later JDK will refuse",
                    "start with --enable-native-access=ALL-UNNAMED (on the module path: =ai.djl.pytorch_engine)");
        } else {
            add(Level.GOOD, "java", found, "");
        }
    }

    /** {@code Module.isNativeAccessEnabled}, which Java 17 does not have. */
    private static boolean mayCallNatives() {
        try {
            Method asked = Module.class.getMethod("isNativeAccessEnabled");
            return (boolean) asked.invoke(JniUtils.class.getModule());
        } catch (ReflectiveOperationException e) {
            return true;
        }
    }

    private void memory() {
        long heap = Runtime.getRuntime().maxMemory() >> MEBI;
        long limit = containerLimit() >> MEBI;
        String found = "heap of at most " + heap + " MiB" + (limit == 0 ? "" : ", container of " + limit + " MiB")
                + ", " + Runtime.getRuntime().availableProcessors() + " processors";
        if (limit > 0 && heap > limit / 2) {
            add(
                    Level.NOTE,
                    "memory",
                    found + ": models and tensors live outside of the heap, in what it leaves",
                    "give the heap a small, fixed part (-Xmx1g), and the rest to the engine");
        } else {
            add(Level.GOOD, "memory", found, "");
        }
    }

    /** Bytes that this process may use, 0 where there is no limit or nobody says (cgroup 2, then 1). */
    private static long containerLimit() {
        for (String place : List.of("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")) {
            try {
                long limit = Long.parseLong(Files.readString(Path.of(place)).strip());
                return limit > 1L << 50 ? 0 : limit;
            } catch (IOException | NumberFormatException e) {
                // Not this one.
            }
        }
        return 0;
    }

    private void versions() {
        String djl = Engine.getDjlVersion();
        String engine = property("pytorch-engine.properties", "djl_version", djl);
        String jni = property("jnilib/pytorch.properties", "jni_version", "");
        String natives =
                property("native/lib/pytorch.properties", "version", "").replaceAll("-\\d{8}$", "");
        String flavour = property("native/lib/pytorch.properties", "flavor", "");
        String own = setting(LIBRARY_PATH);
        String libtorch = own == null ? natives : setting("PYTORCH_VERSION");
        String found = "DJL " + djl + ", pytorch-engine " + engine + ", pytorch-jni " + (jni.isEmpty() ? "none" : jni)
                + ", libtorch "
                + (own == null
                        ? natives.isEmpty() ? "none on the class path" : natives + " " + flavour
                        : "of " + own + ", version " + libtorch + ", flavour " + setting("PYTORCH_FLAVOR"));
        String problem = mismatch(djl, jni, libtorch == null ? "" : libtorch);
        if (problem.isEmpty()) {
            add(Level.GOOD, "versions", found, "");
        } else {
            add(
                    Level.WRONG,
                    "versions",
                    found + ": " + problem,
                    "take one line of the table of natives in the README as a whole");
        }
    }

    /** Says what does not go together; empty if it does. */
    static String mismatch(String djl, String jni, String libtorch) {
        if (jni.isEmpty()) {
            return "pytorch-jni is missing";
        }
        if (!jni.endsWith("-" + djl)) {
            return "pytorch-jni is for another DJL";
        }
        if (libtorch.isEmpty()) {
            return "there is no libtorch: neither pytorch-native-... on the class path, nor PYTORCH_LIBRARY_PATH with PYTORCH_VERSION";
        }
        return jni.startsWith(libtorch + "-") ? "" : "pytorch-jni is for another libtorch, which would end the process";
    }

    private static String property(String resource, String name, String otherwise) {
        try (InputStream in = JniUtils.class.getClassLoader().getResourceAsStream(resource)) {
            Properties properties = new Properties();
            if (in != null) {
                properties.load(in);
            }
            return properties.getProperty(name, otherwise);
        } catch (IOException e) {
            return otherwise;
        }
    }

    private static @Nullable String setting(String name) {
        String value = System.getProperty(name);
        return value == null ? System.getenv(name) : value;
    }

    private void threads() {
        String asked = System.getProperty("ai.djl.pytorch.num_threads", System.getenv("OMP_NUM_THREADS"));
        if (asked == null) {
            add(
                    Level.NOTE,
                    "threads",
                    "the engine takes a thread per processor for each call",
                    "with several requests at a time on a CPU, share them out: -Dai.djl.pytorch.num_threads=N");
        } else {
            add(Level.GOOD, "threads", asked + " engine threads per call", "");
        }
    }

    private void allocator() {
        boolean linux = System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("linux");
        String preload = System.getenv("LD_PRELOAD");
        String arenas = System.getenv("MALLOC_ARENA_MAX");
        if (!linux || arenas != null || preload != null && preload.contains("alloc")) {
            add(
                    Level.GOOD,
                    "allocator",
                    preload != null ? preload : arenas != null ? "MALLOC_ARENA_MAX=" + arenas : "the system's",
                    "");
        } else {
            add(
                    Level.NOTE,
                    "allocator",
                    "glibc with an arena per thread: resident memory grows where each generation has a thread of its own",
                    "set MALLOC_ARENA_MAX=2, or generate on a pool of threads");
        }
    }

    private void folders() {
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        if (isWritable(temporary)) {
            add(Level.GOOD, "temporary folder", temporary + " can be written to", "");
        } else {
            add(
                    Level.WRONG,
                    "temporary folder",
                    temporary + " cannot be written to",
                    "mount a tmpfs, and name it: -Djava.io.tmpdir=...");
        }
        Path cache = Utils.getEngineCacheDir("pytorch");
        boolean filled = holdsFiles(cache);
        if (isWritable(nearest(cache))) {
            add(Level.GOOD, "engine cache", cache + (filled ? " is filled" : " can be written to"), "");
        } else if (filled) {
            add(Level.GOOD, "engine cache", cache + " is read-only and filled", "");
        } else {
            add(
                    Level.WRONG,
                    "engine cache",
                    cache + " cannot be written to and is empty",
                    "name another with DJL_CACHE_DIR, or fill it when the image is built (docs/running.md)");
        }
    }

    /** The folder itself, or the nearest one above it that is there. */
    private static Path nearest(Path folder) {
        Path there = folder.toAbsolutePath();
        while (there.getParent() != null && !Files.exists(there)) {
            there = there.getParent();
        }
        return there;
    }

    private static boolean holdsFiles(Path folder) {
        if (!Files.isDirectory(folder)) {
            return false;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            return files.anyMatch(Files::isRegularFile);
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean isWritable(Path folder) {
        try {
            Files.delete(Files.createTempFile(folder, "adacache", ".tmp"));
            return true;
        } catch (IOException | SecurityException e) {
            return false;
        }
    }

    private void started(Device device) {
        long begin = System.nanoTime();
        try {
            Engines.require(device);
        } catch (IllegalStateException e) {
            add(Level.WRONG, "engine", String.valueOf(e.getMessage()), "docs/running.md, natives and containers");
            return;
        }
        Engine engine = Engine.getEngine(Engines.NAME);
        add(
                Level.GOOD,
                "engine",
                String.format(
                        Locale.ROOT,
                        "PyTorch %s, started in %.0f ms, %d threads per call and %d between calls",
                        engine.getVersion(),
                        (System.nanoTime() - begin) / 1e6,
                        JniUtils.getNumThreads(),
                        JniUtils.getNumInteropThreads()),
                "");
        devices(engine);
    }

    private void devices(Engine engine) {
        boolean cuda = engine.hasCapability("CUDA");
        int seen = CudaUtils.getGpuCount();
        String cudart = CudaUtils.hasCuda() ? "libcudart " + CudaUtils.getCudaVersionString() : "no libcudart";
        String found = "natives for " + (cuda ? "CUDA" : "the CPU") + ", " + cudart + ", " + seen + " GPUs seen";
        if (cuda && seen == 0) {
            add(
                    Level.WRONG,
                    "devices",
                    found,
                    "put libcudart.so on the library path (LD_LIBRARY_PATH), and look at nvidia-smi and CUDA_VISIBLE_DEVICES");
        } else if (!cuda && seen > 0) {
            add(
                    Level.NOTE,
                    "devices",
                    found + ": they stay unused",
                    "put natives for CUDA in the place of pytorch-native-cpu (README, natives)");
        } else {
            add(Level.GOOD, "devices", found, "");
        }
    }
}
