package io.adacache.bench.protocol;

/**
 * A policy that the search tried.
 *
 * @param method whose
 * @param speed the speed-up that was wanted, calls over computed calls
 * @param policy as it is asked for
 * @param work computed calls of the replays, mean over recordings
 * @param psnr of the generations on tuning prompts, mean in dB
 * @param chosen whether it is the best of its method and speed
 * @param tested whether it takes part in the test, see {@link Finalists}
 */
public record Trial(
        String method, double speed, String policy, double work, double psnr, boolean chosen, boolean tested) {
    static Trial fixed(String method, double speed, String policy, double work, double psnr) {
        return new Trial(method, speed, policy, work, psnr, true, true);
    }

    static Trial of(String method, double speed, String policy, double work, double psnr) {
        return new Trial(method, speed, policy, work, psnr, false, false);
    }

    Trial choose() {
        return new Trial(method, speed, policy, work, psnr, true, true);
    }

    Trial leaveOut() {
        return new Trial(method, speed, policy, work, psnr, chosen, false);
    }
}
