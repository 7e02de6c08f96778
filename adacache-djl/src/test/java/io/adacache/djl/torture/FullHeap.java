package io.adacache.djl.torture;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.adacache.CacheSession;
import io.adacache.djl.TestModels;
import io.adacache.djl.TorchScriptTransformer;

/** Sessions that are closed when the heap is full: every array comes back, and the model can be closed. */
final class FullHeap {
    /** A chain of blocks takes the heap; allocating the next link is what fails. */
    private static final class Block {
        final Block before;
        final byte[] bytes;

        Block(Block before, int size) {
            this.before = before;
            this.bytes = new byte[size];
        }
    }

    private FullHeap() {}

    /** Arguments: number of sessions. */
    public static void main(String[] arguments) {
        int sessions = Integer.parseInt(arguments[0]);
        Tally tally = new Tally();
        TorchScriptTransformer model = TestModels.load(TestModels.SMALL);
        for (int i = 0; i < sessions; i++) {
            trial(model, i, tally);
        }
        close(model, tally);
        tally.print();
    }

    private static void trial(TorchScriptTransformer model, int number, Tally tally) {
        try (NDManager manager = model.newManager()) {
            CacheSession<NDArray> session = model.begin(model.policy("adacache-fast", 12), 12);
            for (int i = 0; i < 2 + number % 4; i++) {
                session.step(TestModels.inputs(TestModels.SMALL, manager, i)).close();
            }
            closeInFullHeap(session::close);
            if (session.isClosed() && TestModels.live(model) == 0) {
                tally.held("closed, nothing left");
            } else {
                tally.failed("session " + number + (session.isClosed() ? " is closed" : " is open") + " and leaves "
                        + TestModels.live(model) + " arrays");
                session.close();
            }
        }
    }

    private static void close(TorchScriptTransformer model, Tally tally) {
        try {
            closeInFullHeap(model::close);
            model.close();
            tally.held("the model is closed");
        } catch (IllegalStateException e) {
            tally.failed("the model", e);
        }
    }

    private static void closeInFullHeap(Runnable close) {
        Block full = fill();
        try {
            close.run();
        } catch (OutOfMemoryError e) {
            // What the caller sees may be that; what counts is what is left afterwards.
        } finally {
            keep(full);
        }
    }

    private static Block fill() {
        Block chain = null;
        for (int size = 1 << 20; size >= 16; size /= 2) {
            try {
                while (true) {
                    chain = new Block(chain, size);
                }
            } catch (OutOfMemoryError e) {
                // The next size still fits.
            }
        }
        return chain;
    }

    private static void keep(Block chain) {
        java.lang.ref.Reference.reachabilityFence(chain);
    }
}
