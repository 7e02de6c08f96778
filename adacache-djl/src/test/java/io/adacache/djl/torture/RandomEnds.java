package io.adacache.djl.torture;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.adacache.CacheSession;
import io.adacache.djl.TestModels;
import io.adacache.djl.TorchScriptTransformer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Closes, cancels and interrupts at random moments: no hang, no leak, and the next generation is bit-equal. */
final class RandomEnds {
    private static final int STEPS = 8;
    private static final List<String> POLICIES =
            List.of("none", "every-2", "adacache-fast", "fbcache", "dbcache", "taylorseer");

    private final TorchScriptTransformer model;
    private final float[] right;

    private RandomEnds(TorchScriptTransformer model) {
        this.model = model;
        this.right = generation("every-2");
    }

    /** Arguments: number of trials, seed. */
    public static void main(String[] arguments) throws InterruptedException {
        int trials = Integer.parseInt(arguments[0]);
        long seed = Long.parseLong(arguments[1]);
        Tally tally = new Tally();
        try (TorchScriptTransformer model = TestModels.load(TestModels.SMALL)) {
            RandomEnds ends = new RandomEnds(model);
            for (int i = 0; i < trials; i++) {
                ends.trial(new Random(seed + i), "trial " + (seed + i), tally);
            }
        }
        tally.print();
    }

    private float[] generation(String policy) {
        try (NDManager manager = model.newManager();
                CacheSession<NDArray> session = model.begin(model.policy(policy, STEPS), STEPS)) {
            float[] last = {};
            for (int i = 0; i < STEPS; i++) {
                last = session.step(TestModels.inputs(TestModels.SMALL, manager, i))
                        .toFloatArray();
            }
            return last;
        }
    }

    private void trial(Random random, String what, Tally tally) throws InterruptedException {
        String policy = POLICIES.get(random.nextInt(POLICIES.size()));
        CacheSession<NDArray> session = model.begin(model.policy(policy, STEPS), STEPS);
        int kind = random.nextInt(3);
        int spins = random.nextInt(60_000);
        Thread stepping = Thread.currentThread();
        Thread other = new Thread(() -> end(session, stepping, kind, spins));
        try (NDManager manager = model.newManager()) {
            other.start();
            for (int i = 0; i < STEPS; i++) {
                session.step(TestModels.inputs(TestModels.SMALL, manager, i)).close();
            }
        } catch (IllegalStateException e) {
            check(what, e, tally);
        } finally {
            join(other);
            session.close();
        }
        compare(what, tally);
    }

    /** Waits for the other thread, whose interrupt may come as late as that. */
    private static void join(Thread other) {
        boolean done = false;
        while (!done) {
            try {
                other.join();
                done = true;
            } catch (InterruptedException e) {
                done = !other.isAlive();
            }
        }
        Thread.interrupted();
    }

    private static void end(CacheSession<NDArray> session, Thread stepping, int kind, int spins) {
        for (int n = spins; n > 0; n--) {
            Thread.onSpinWait();
        }
        switch (kind) {
            case 0 -> session.cancel();
            case 1 -> session.close();
            default -> stepping.interrupt();
        }
    }

    private static void check(String what, RuntimeException e, Tally tally) {
        String message = String.valueOf(e.getMessage());
        boolean said = message.contains("in use by thread")
                || message.contains("cancelled")
                || message.contains("closed")
                || message.contains("interrupted");
        if (!said) {
            tally.failed(what, e);
        }
    }

    private void compare(String what, Tally tally) {
        if (TestModels.live(model) != 0) {
            tally.failed(what + " leaves " + TestModels.live(model) + " arrays");
        } else if (!Arrays.equals(generation("every-2"), right)) {
            tally.failed(what + " changes the next generation");
        } else {
            tally.held("the next generation is bit-equal, no array left");
        }
    }
}
