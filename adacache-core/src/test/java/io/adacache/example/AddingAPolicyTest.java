package io.adacache.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.tuple;

import io.adacache.CacheSession;
import io.adacache.Policies;
import io.adacache.layout.Layout;
import io.adacache.policy.CachePolicy;
import io.adacache.policy.PolicyProvider;
import io.adacache.policy.Setting;
import io.adacache.policy.Settings;
import io.adacache.testkit.CachePolicyKit;
import io.adacache.testkit.FloatTensor;
import io.adacache.testkit.Layouts;
import io.adacache.testkit.LinearTransformer;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One class and one registration: {@link CalmStack}, and the line that a user writes into META-INF/services. */
class AddingAPolicyTest extends CachePolicyKit {
    private final ClassLoader before = Thread.currentThread().getContextClassLoader();

    /** Stands in for a jar of the user's: this repository's test jar must not register an example everywhere. */
    @BeforeEach
    void register(@TempDir Path jar) throws IOException {
        Path services = Files.createDirectories(jar.resolve("META-INF/services"));
        Files.writeString(services.resolve(PolicyProvider.class.getName()), "io.adacache.example.CalmStack\n");
        Thread.currentThread()
                .setContextClassLoader(new URLClassLoader(new URL[] {jar.toUri().toURL()}, before));
    }

    @AfterEach
    void restore() throws IOException {
        ((URLClassLoader) Thread.currentThread().getContextClassLoader()).close();
        Thread.currentThread().setContextClassLoader(before);
    }

    @Override
    protected CachePolicy policy(int steps) {
        CalmStack provider = new CalmStack();
        return provider.create(Settings.parse(provider.name(), provider.settings(), Map.of("threshold", "0.2")));
    }

    @Override
    protected List<Layout> layouts() {
        return List.of(Layouts.openSora(2));
    }

    @Test
    void theNewPolicyHasANameSettingsAndHelp() {
        assertThat(Policies.names()).contains("calm-stack", "adacache");
        assertThat(Policies.provider("calm-stack").settings())
                .extracting(Setting::name, Setting::defaultText)
                .containsExactly(tuple("threshold", "0.1"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Policies.parse("calm-stack:treshold=1"))
                .withMessageContaining("has no setting 'treshold'; its settings: threshold");
    }

    @Test
    void theNewPolicyRuns() {
        LinearTransformer model = LinearTransformer.of(Layouts.openSora(2));
        try (CacheSession<FloatTensor> session = CacheSession.builder(model)
                .policy(Policies.parse("calm-stack:threshold=0.5"))
                .steps(4)
                .begin()) {
            for (int step = 0; step < 4; step++) {
                model.ops().release(session.step(model.inputs(step / 2, 1, 2, 2, 2)));
            }
            assertThat(session.trace().computedSteps()).containsExactly(1, 3);
        }
    }
}
