package io.adacache.djl.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import java.nio.file.AccessDeniedException;
import org.junit.jupiter.api.Test;

/** What a user reads when the engine fails: the reason, and what to do. */
class ReasonsTest {
    private static final String TRACE = """
            The following operation failed in the TorchScript interpreter.
            Traceback of TorchScript, serialized code (most recent call last):
              File "code/__torch__.py", line 12, in forward
                _1 = torch.add(x, y)
                     ~~~~~~~~~ <--- HERE

            Traceback of TorchScript, original code (most recent call last):
              File "model.py", line 7, in forward
            """;

    @Test
    void theReasonStandsBehindTheTrace() {
        String said = TRACE + "RuntimeError: The size of tensor a (5) must match\n  the size of tensor b (4)\n";
        assertThat(Reasons.of(new EngineException(said)))
                .isEqualTo("The size of tensor a (5) must match / the size of tensor b (4)");
        assertThat(Reasons.of(new EngineException(TRACE + "builtins.IndexError: list index out of range\n")))
                .isEqualTo("builtins.IndexError: list index out of range");
        assertThat(Reasons.of(new EngineException(TRACE + "something else"))).isEqualTo("something else");
    }

    @Test
    void withoutTraceTheFirstLineIsTheReason() {
        assertThat(Reasons.of(new EngineException("\nforward() is missing value for argument 'y'.\nDeclaration: ...")))
                .isEqualTo("forward() is missing value for argument 'y'.");
        assertThat(Reasons.of(new EngineException(""))).isEqualTo("no reason given");
        assertThat(Reasons.of(new EngineException("x".repeat(1000)))).hasSize(403);
    }

    @Test
    void aDeviceThatIsNotThere() {
        assertThatThrownBy(() -> Engines.requireGpu(false, 1, Device.gpu()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("gpu(0)")
                .hasMessageContaining("natives are for the CPU only")
                .hasMessageContaining("pytorch-native-cu");
        assertThatThrownBy(() -> Engines.requireGpu(true, 2, Device.gpu(2)))
                .hasMessageContaining("sees 2 GPUs")
                .hasMessageContaining("CUDA_VISIBLE_DEVICES");
        Engines.requireGpu(true, 2, Device.gpu(1));
    }

    @Test
    void anEngineThatDoesNotStart() {
        Throwable loaded =
                new UnsatisfiedLinkError("Native Library /c/libtorch.so already loaded in another classloader");
        assertThat(Engines.failure(new EngineException("Failed to load PyTorch native library", loaded)))
                .contains("libtorch.so already loaded")
                .contains("once")
                .contains("native_helper");
        Throwable denied = new EngineException("Failed to extract", new AccessDeniedException("/root/.djl.ai"));
        assertThat(Engines.failure(denied)).contains("/root/.djl.ai").contains("DJL_CACHE_DIR");
        assertThat(Engines.failure(new NoClassDefFoundError("Could not initialize class X")))
                .contains("pytorch-jni");
    }
}
