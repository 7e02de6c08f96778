package io.adacache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adacache.example.CalmStack;
import io.adacache.policy.PolicyProvider;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Policies are found wherever a service keeps its classes: one class path, a fat jar's own loader, several applications in one JVM. */
class ClassLoadersTest {
    private static final ClassLoader PLATFORM = ClassLoader.getPlatformClassLoader();

    @TempDir
    Path folder;

    /** A place that registers a provider, as the jar of a service does. */
    private URL registering(String provider) throws IOException {
        Path services = Files.createDirectories(folder.resolve(provider).resolve("META-INF/services"));
        Files.writeString(services.resolve(PolicyProvider.class.getName()), provider);
        return folder.resolve(provider).toUri().toURL();
    }

    /** A loader that has a copy of its own of everything on the class path, as the loader of a fat jar is the only one that has it. */
    private static URLClassLoader alone(URL more) throws IOException {
        List<URL> all = new ArrayList<>(List.of(more));
        String paths = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        for (String path : paths.split(File.pathSeparator)) {
            all.add(Path.of(path).toUri().toURL());
        }
        return new URLClassLoader(all.toArray(URL[]::new), PLATFORM);
    }

    private static Object parsed(Class<?> policies, String text) {
        try {
            return policies.getMethod("parse", String.class).invoke(null, text);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e.getCause() == null ? e : e.getCause());
        }
    }

    /** Runs on a thread of its own with a context class loader. */
    private static <R> R on(ClassLoader context, java.util.function.Supplier<R> work) {
        Executor thread = task -> {
            Thread worker = new Thread(task);
            worker.setContextClassLoader(context);
            worker.start();
        };
        return CompletableFuture.supplyAsync(work, thread).join();
    }

    /** In a fat jar threads of the common pool have the system's loader, which knows nothing of the application. */
    @Test
    void inAFatJarOnAThreadOfTheCommonPool() throws Exception {
        try (URLClassLoader application = alone(registering(CalmStack.class.getName()))) {
            Class<?> policies = application.loadClass(Policies.class.getName());
            assertThat(policies).isNotSameAs(Policies.class);
            for (ClassLoader context :
                    new ClassLoader[] {PLATFORM, null, application, getClass().getClassLoader()}) {
                assertThat(on(context, () -> parsed(policies, "calm-stack:threshold=0.2")))
                        .as("context class loader %s", context)
                        .hasToString("calm-stack:threshold=0.2");
            }
        }
    }

    /** In an application server the library may lie above the application that brings a policy. */
    @Test
    void whereTheLibraryLiesAboveTheApplication() throws Exception {
        URL registered = registering(CalmStack.class.getName());
        try (URLClassLoader application =
                new URLClassLoader(new URL[] {registered}, getClass().getClassLoader())) {
            assertThat(on(application, () -> Policies.parse("calm-stack").name()))
                    .isEqualTo("calm-stack");
        }
    }

    /** A thread that another application made, or this one before it was loaded anew, brings that one's policies along. */
    @Test
    void onAThreadOfAnotherApplication() throws Exception {
        try (URLClassLoader other = alone(registering(CalmStack.class.getName()))) {
            assertThat(on(other, () -> Policies.parse("every-2").name())).isEqualTo("every:n=2");
            assertThatThrownBy(() -> on(other, () -> Policies.parse("calm-stack")))
                    .hasMessageContaining("Unknown policy 'calm-stack'");
        }
    }

    @Test
    void aRegistrationThatLeadsNowhereIsNamed() throws Exception {
        try (URLClassLoader application = new URLClassLoader(
                new URL[] {registering("no.such.Policy")}, getClass().getClassLoader())) {
            assertThatThrownBy(() -> on(application, () -> Policies.parse("every-2")))
                    .hasRootCauseInstanceOf(java.util.ServiceConfigurationError.class)
                    .hasMessageContaining("A policy that the class path names cannot be loaded")
                    .hasMessageContaining("no.such.Policy");
        }
    }
}
