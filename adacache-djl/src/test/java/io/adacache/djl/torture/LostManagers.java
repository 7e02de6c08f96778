package io.adacache.djl.torture;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.adacache.CacheSession;
import io.adacache.djl.TestModels;
import io.adacache.djl.TorchScriptTransformer;
import io.adacache.event.CacheListener;
import io.adacache.event.CacheListener.SessionInfo;
import io.adacache.event.Trace.StepRecord;

/** Requests whose manager is closed in mid-step: the prediction is freed, and resident memory stays flat. */
final class LostManagers {
    private static final int WARM_UP = 100;
    private static final int KILOBYTES_LOST = 1024;

    private LostManagers() {}

    /** Arguments: number of requests. */
    public static void main(String[] arguments) {
        int requests = Integer.parseInt(arguments[0]);
        Tally tally = new Tally();
        try (TorchScriptTransformer model = TestModels.load(TestModels.OPAQUE)) {
            for (int i = 0; i < WARM_UP; i++) {
                request(model, i, new Tally());
            }
            long before = resident();
            for (int i = 0; i < requests; i++) {
                request(model, i, tally);
            }
            long grown = resident() - before;
            System.out.println("kilobytes " + grown);
            // A lost prediction would hold a megabyte of its own.
            if (grown > (long) KILOBYTES_LOST * requests / 2 || TestModels.live(model) != 0) {
                tally.failed("resident memory grew by " + grown + " KiB, arrays left: " + TestModels.live(model));
            }
        }
        tally.print();
    }

    /** DJL's arrays on the CPU begin as buffers of the heap's collector, which must not count here. */
    private static long resident() {
        System.gc();
        return Tally.kilobytes("VmRSS");
    }

    private static void request(TorchScriptTransformer model, int number, Tally tally) {
        NDManager manager = model.newManager();
        CacheListener closing = new CacheListener() {
            @Override
            public void onStep(SessionInfo session, StepRecord record) {
                manager.close();
            }
        };
        try (CacheSession<NDArray> session = model.session()
                .policy(model.policy("every-2", 10))
                .steps(10)
                .listener(closing)
                .begin()) {
            session.step(TestModels.opaque(manager, number, 1, 4, 4, 128, 128));
            tally.failed("request " + number + " got a prediction of a closed manager");
        } catch (IllegalStateException e) {
            if (e.getMessage().contains("manager of the first input was closed")) {
                tally.held("freed, and said");
            } else {
                tally.failed("request " + number, e);
            }
        }
    }
}
