package io.adacache.djl.torture;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.adacache.djl.TestModels;
import io.adacache.djl.TorchScriptTransformer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CountDownLatch;

/** Predictions without a session while another thread closes the model: each is right, or says that the model is closed. */
final class PredictAgainstClose {
    private PredictAgainstClose() {}

    /** Arguments: file, number of trials, seed. */
    public static void main(String[] arguments) throws InterruptedException {
        String file = arguments[0];
        int trials = Integer.parseInt(arguments[1]);
        long seed = Long.parseLong(arguments[2]);
        Tally tally = new Tally();
        float[] right = right(file);
        for (int i = 0; i < trials; i++) {
            trial(file, right, new Random(seed + i), "trial " + (seed + i), tally);
        }
        tally.print();
    }

    private static float[] right(String file) {
        try (TorchScriptTransformer model = TestModels.load(file);
                NDManager manager = model.newManager()) {
            return model.predict(TestModels.inputs(file, manager, 1)).toFloatArray();
        }
    }

    private static void trial(String file, float[] right, Random random, String what, Tally tally)
            throws InterruptedException {
        TorchScriptTransformer model = TestModels.load(file);
        CountDownLatch predicting = new CountDownLatch(1);
        Thread predictor = new Thread(() -> predict(file, model, right, what, predicting, tally));
        predictor.start();
        predicting.await();
        for (int n = random.nextInt(20_000); n > 0; n--) {
            Thread.onSpinWait();
        }
        if (random.nextBoolean()) {
            model.close();
        } else {
            model.close(Duration.ZERO);
        }
        predictor.join();
    }

    private static void predict(
            String file,
            TorchScriptTransformer model,
            float[] right,
            String what,
            CountDownLatch predicting,
            Tally tally) {
        try (NDManager manager = model.newManager()) {
            while (true) {
                NDArray prediction = model.predict(TestModels.inputs(file, manager, 1));
                predicting.countDown();
                if (!Arrays.equals(prediction.toFloatArray(), right)) {
                    tally.failed(what + " predicts other numbers");
                    return;
                }
                prediction.close();
            }
        } catch (IllegalStateException e) {
            if (e.getMessage().equals("The model " + file + " is closed; load it again")) {
                tally.held("closed");
            } else {
                tally.failed(what, e);
            }
        } catch (RuntimeException e) {
            tally.failed(what, e);
        } finally {
            predicting.countDown();
        }
    }
}
