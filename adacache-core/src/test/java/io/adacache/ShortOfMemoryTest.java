package io.adacache;

import static org.assertj.core.api.Assertions.assertThat;

import io.adacache.spi.TensorOps;
import io.adacache.spi.Transformer;
import io.adacache.testkit.FloatTensor;
import io.adacache.testkit.Layouts;
import io.adacache.testkit.LinearTransformer;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.function.IntPredicate;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A heap that is full at any moment of a generation, also while tensors are being freed: the session ends, every tensor comes back, and
 * what could not be freed then is freed when memory is there again. The torture kit of the adapter does the same with a heap that is full.
 */
class ShortOfMemoryTest {
    private static final int MOMENTS = 120;

    private final LinearTransformer model = LinearTransformer.of(Layouts.openSora(2));
    private int calls;
    private IntPredicate full = call -> false;

    /** The model, of which any call and any freeing may find the heap full. */
    @SuppressWarnings("unchecked")
    private Transformer<FloatTensor> shortOfMemory() {
        TensorOps<FloatTensor> ops = proxy(TensorOps.class, model.ops());
        return (Transformer<FloatTensor>) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Transformer.class}, (self, method, arguments) -> {
                    if (method.getName().equals("ops")) {
                        return ops;
                    }
                    return method.getName().equals("embedder")
                            ? InvocationHandler.invokeDefault(self, method) // which calls embed of the proxy
                            : invoke(model, method, arguments);
                });
    }

    @SuppressWarnings("unchecked")
    private <P> P proxy(Class<P> type, Object target) {
        return (P) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {type},
                (self, method, arguments) -> invoke(target, method, arguments));
    }

    private Object invoke(Object target, java.lang.reflect.Method method, Object[] arguments) throws Throwable {
        if (List.of("run", "embed", "head", "subtract", "addWeighted", "release", "copy", "compare")
                        .contains(method.getName())
                && full.test(++calls)) {
            throw new OutOfMemoryError("made up");
        }
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"adacache-fast", "taylorseer:2", "fbcache:0.5"})
    void everythingComesBackWheneverTheHeapIsFull(String policy) {
        int failed = 0;
        for (int moment = 1; moment <= MOMENTS; moment++) {
            for (int length : new int[] {1, 5}) {
                failed += trial(policy, moment, length) ? 1 : 0;
            }
        }
        assertThat(failed).as("generations that met a full heap").isGreaterThan(MOMENTS / 2);
    }

    /** Whether the heap was full at some time. */
    private boolean trial(String policy, int moment, int length) {
        int first = moment;
        calls = 0;
        full = call -> call >= first && call < first + length;
        boolean failed = false;
        CacheSession<FloatTensor> session =
                CacheSession.builder(shortOfMemory()).policy(policy).steps(6).begin();
        try {
            for (int step = 0; step < 6; step++) {
                List<FloatTensor> inputs = model.inputs(step, 1, 2, 2, 2);
                try {
                    model.ops().release(session.step(inputs));
                } finally {
                    inputs.forEach(model.ops()::release);
                }
            }
        } catch (OutOfMemoryError e) {
            failed = true;
        }
        try {
            session.close();
        } catch (OutOfMemoryError e) {
            failed = true;
        }
        full = call -> false;
        session.close();
        assertThat(session.isClosed()).as("%s, call %d", policy, moment).isTrue();
        assertThat(model.ops().live())
                .as("%s, full from call %d, %d calls long", policy, moment, length)
                .isZero();
        return failed;
    }
}
