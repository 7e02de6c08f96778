package io.adacache.djl.torture;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.adacache.CacheSession;
import io.adacache.djl.TestModels;
import io.adacache.djl.TorchScriptTransformer;
import java.util.List;
import java.util.concurrent.CancellationException;

/** Many generations, on one thread or on a new one each: resident memory stays flat. */
final class Soak {
    private static final int STEPS = 8;
    private static final int PERCENT = 2;
    private static final List<String> POLICIES = List.of("adacache-fast", "every-2", "taylorseer");

    private Soak() {}

    /** Arguments: number of generations, whether each has a thread of its own. */
    public static void main(String[] arguments) throws InterruptedException {
        int generations = Integer.parseInt(arguments[0]);
        boolean threads = Boolean.parseBoolean(arguments[1]);
        Tally tally = new Tally();
        try (TorchScriptTransformer model = TestModels.load(TestModels.OPEN_SORA)) {
            run(model, Math.max(200, generations / 5), threads);
            System.gc();
            long before = Tally.kilobytes("VmRSS");
            run(model, generations, threads);
            System.gc();
            long after = Tally.kilobytes("VmRSS");
            String drift = "resident memory from " + before + " to " + after + " KiB";
            System.out.println(drift);
            if (TestModels.live(model) == 0 && after * 100 <= before * (100 + PERCENT)) {
                tally.held("flat");
            } else {
                tally.failed(drift + ", arrays left: " + TestModels.live(model));
            }
        }
        tally.print();
    }

    private static void run(TorchScriptTransformer model, int generations, boolean threads)
            throws InterruptedException {
        for (int i = 0; i < generations; i++) {
            int number = i;
            if (threads) {
                Thread thread = new Thread(() -> generation(model, number));
                thread.start();
                thread.join();
            } else {
                generation(model, number);
            }
        }
    }

    /** One generation of a kind that depends on the number: complete, abandoned, cancelled, refused. */
    private static void generation(TorchScriptTransformer model, int number) {
        String policy = POLICIES.get(number % POLICIES.size());
        int kind = number % 4;
        try (NDManager manager = model.newManager();
                CacheSession<NDArray> session = model.begin(model.policy(policy, STEPS), STEPS)) {
            for (int i = 0; i < (kind == 1 ? STEPS / 2 : STEPS); i++) {
                if (kind == 2 && i == STEPS / 2) {
                    session.cancel();
                }
                int height = kind == 3 && i == STEPS / 2 ? 0 : 4;
                session.step(TestModels.openSora(manager, number, 900 - i, 3, height, 4))
                        .close();
            }
        } catch (CancellationException | IllegalArgumentException expected) {
            if (kind < 2) {
                throw expected;
            }
        }
    }
}
