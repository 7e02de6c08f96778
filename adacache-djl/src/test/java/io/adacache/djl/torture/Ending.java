package io.adacache.djl.torture;

import ai.djl.ndarray.NDManager;
import io.adacache.djl.TestModels;
import io.adacache.djl.TorchScriptTransformer;

/** Loads, predicts and closes on several threads until the JVM is told to end. */
final class Ending {
    private Ending() {}

    public static void main(String[] arguments) {
        String file = arguments[0];
        for (int i = 0; i < 4; i++) {
            long seed = i;
            new Thread(() -> work(file, seed)).start();
        }
    }

    private static void work(String file, long seed) {
        try {
            for (long round = 0; ; round++) {
                try (TorchScriptTransformer model = TestModels.load(file);
                        NDManager manager = model.newManager()) {
                    for (int i = 0; i < 3; i++) {
                        model.predict(TestModels.inputs(file, manager, seed + i))
                                .close();
                    }
                }
                if (round == 0) {
                    System.out.println("running " + seed);
                }
            }
        } catch (IllegalStateException e) {
            System.out.println("stopped " + e.getMessage());
        }
    }
}
