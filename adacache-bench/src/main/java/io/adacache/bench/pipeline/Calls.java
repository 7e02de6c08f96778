package io.adacache.bench.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.adacache.CacheSession;
import io.adacache.tune.Recording.Recorder;

/** Who answers the calls of a model: a caching session, or a recorder. */
interface Calls {
    /** Runs the next call of a branch. */
    NDArray step(String branch, NDList inputs);

    /** Whether a branch is to be called in a step. */
    default boolean needs(String branch, int step) {
        return true;
    }

    /** Returns the calls of a session. */
    static Calls of(CacheSession<NDArray> session) {
        return new Calls() {
            @Override
            public NDArray step(String branch, NDList inputs) {
                return session.step(branch, inputs);
            }

            @Override
            public boolean needs(String branch, int step) {
                return session.needs(branch, step);
            }
        };
    }

    /** Returns the calls of a recorder. */
    static Calls of(Recorder<NDArray> recorder) {
        return recorder::step;
    }
}
