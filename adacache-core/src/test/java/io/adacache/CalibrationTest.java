package io.adacache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.adacache.Calibration.Result;
import io.adacache.Calibration.Target;
import io.adacache.policy.Generation;
import io.adacache.testkit.FloatTensor;
import io.adacache.testkit.Layouts;
import io.adacache.testkit.LinearTransformer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A wish is kept, or said to be out of reach; what is generated counts once. */
class CalibrationTest {
    private static final int STEPS = 20;

    private final LinearTransformer model = LinearTransformer.of(Layouts.openSora(3), 2, 2, 0);
    private final List<String> generated = new ArrayList<>();
    private int failAfter = Integer.MAX_VALUE;

    /** What a service does: noise of the prompt, Euler steps, a "decoder" into 0..1. */
    private float[] generate(int prompt, CacheSession<FloatTensor> session) {
        generated.add(prompt + " " + session.stats().policy());
        if (generated.size() > failAfter) {
            throw new IllegalStateException("the machine is gone");
        }
        Random random = new Random(100 + prompt);
        float[] latent = new float[2 * 3 * 4];
        for (int i = 0; i < latent.length; i++) {
            latent[i] = (float) random.nextGaussian();
        }
        float speed = 0.5f + random.nextFloat();
        for (int step = 0; step < STEPS; step++) {
            float level = 1000f * (STEPS - step) / STEPS;
            List<FloatTensor> inputs = List.of(
                    model.ops().tensor(latent, 1, 2, 3, 2, 2), model.ops().tensor(new float[] {level}, 1));
            FloatTensor prediction = session.step(inputs);
            float[] values = model.ops().values(prediction);
            inputs.forEach(model.ops()::release);
            for (int i = 0; i < latent.length; i++) {
                latent[i] -= speed * values[i] / STEPS;
            }
            model.ops().release(prediction);
        }
        float[] clip = new float[latent.length];
        for (int i = 0; i < clip.length; i++) {
            clip[i] = (float) (1 / (1 + Math.exp(-latent[i])));
        }
        return clip;
    }

    private Calibration<FloatTensor> calibration() {
        return Calibration.of(model, STEPS, this::generate)
                .generation(new Generation(
                        STEPS,
                        List.of(Generation.SINGLE_BRANCH),
                        IntStream.range(0, STEPS)
                                .mapToObj(step -> 1000.0 * (STEPS - step) / STEPS)
                                .toList()));
    }

    @Test
    void aSpeedIsFoundByTheSettingOfAnyPolicy() {
        for (String policy : List.of("adacache:codebook=*", "even", "fbcache:threshold=*")) {
            Result found = calibration().policies(List.of(policy)).find(Target.speedup(2));
            assertThat(found.reachable()).as("%s: %s", policy, found.why()).isTrue();
            assertThat(found.predicted().operations()).as(policy).isCloseTo(2, within(0.25));
            assertThat(found.measured().operations()).as(policy).isCloseTo(2, within(0.3));
            assertThat(Policies.parse(found.setting()).name()).isEqualTo(found.setting());
            assertThat(found.measured().prompts()).isEqualTo(Calibration.CHECKING);
            assertThat(found.predicted().prompts()).isEqualTo(Calibration.TUNING);
            assertThat(found.measured().psnr().worst())
                    .isLessThanOrEqualTo(found.measured().psnr().mean());
            assertThat(found.generations()).as(policy).isLessThanOrEqualTo(14);
        }
        assertThat(model.ops().live()).isZero();
    }

    @Test
    void aQualityIsFoundOrSaidToBeOutOfReach() {
        Result found = calibration().policies(List.of("adacache:codebook=*")).find(Target.psnr(60));
        if (found.reachable()) {
            assertThat(found.measured().psnr().mean()).isCloseTo(60, within(1.0));
        } else {
            assertThat(found.why()).contains("can be reached");
        }
        assertThat(found.curve()).isNotEmpty();
    }

    /** Whole numbers of steps do not stand in the way of a wish. */
    @Test
    void aWishBetweenWholeNumbersOfStepsIsTried() {
        Result found = calibration().find(Target.speedup(2.35));
        assertThat(found.setting()).startsWith("adacache-plus:calls=9,quality=");
        double off = Math.abs(found.measured().operations() / 2.35 - 1);
        assertThat(off <= 0.05).as("%s", found).isEqualTo(found.reachable());
        assertThat(model.ops().live()).isZero();
    }

    /** A wish that is called kept is kept on the prompts kept apart; one that is not is called so. */
    @Test
    void whatIsSaidOfAQualityIsTrue() {
        for (int decibels = 60; decibels <= 90; decibels += 5) {
            Result found = calibration().find(Target.psnr(decibels));
            double off = Math.abs(found.measured().psnr().mean() - decibels);
            assertThat(off <= 1).as("%s", found).isEqualTo(found.reachable());
            assertThat(found.why()).contains(found.reachable() ? "prompts kept apart it is" : "dB");
        }
    }

    /** What a setting comes to can be wished for. */
    @Test
    void aQualityThatASettingHasIsFound() {
        List<String> calls = List.of("even:steps=*");
        Result fast = calibration().policies(calls).prompts(2, 8).find(Target.speedup(4));
        double decibels = fast.measured().psnr().mean();
        Result found = calibration().policies(calls).prompts(2, 8).find(Target.psnr(decibels));
        assertThat(found.reachable()).as("%s", found).isTrue();
        assertThat(found.measured().psnr().mean()).isCloseTo(decibels, within(1.0));
    }

    @Test
    void whatNoSettingDoesIsSaid() {
        Result found = calibration().policies(List.of("adacache:codebook=*")).find(Target.speedup(15));
        assertThat(found.reachable()).isFalse();
        assertThat(found.why()).contains("15 times faster").contains("times can be reached");
    }

    /** A queue goes on with what was found to be best: a number of steps for all, or a bound under which clips differ. */
    @Test
    void aQueueSpendsItsTimeWithEitherWayToSetAPolicy() {
        for (String policy : List.of("adacache-plus:calls=*", "adacache-plus:quality=*")) {
            Result found = calibration().policies(List.of(policy)).find(Target.speedup(2));
            double uncached = found.measured().seconds() * found.measured().wallClock();
            double seconds = 0;
            Calibration.Queue queue = found.queue(10, 4 * uncached);
            for (int clip = 0; clip < 10; clip++) {
                assertThat(queue.next()).startsWith(policy.substring(0, policy.length() - 1));
                queue.took(0.4 * uncached);
                seconds += 0.4 * uncached;
            }
            assertThat(queue.left()).as(policy).isCloseTo(4 * uncached - seconds, within(1e-9));
        }
    }

    /** Few prompts do not tell a mean to 1 dB, and the result says so; asked to be sure, it looks at more, and is. */
    @Test
    void aQualityIsPromisedOnlyWhereItIsKnown() {
        List<String> calls = List.of("even:steps=*");
        double decibels = calibration()
                .policies(calls)
                .prompts(2, 3)
                .find(Target.speedup(4))
                .measured()
                .psnr()
                .mean();
        Result few = calibration().policies(calls).prompts(2, 3).find(Target.psnr(decibels));
        Result sure = calibration().policies(calls).within(1, 200).find(Target.psnr(decibels));
        assertThat(few.measured().prompts()).isEqualTo(3);
        assertThat(few.why()).contains("cannot be promised it to 1 dB");
        assertThat(sure.reachable()).as("%s", sure).isTrue();
        assertThat(sure.measured().prompts()).isGreaterThan(3).isLessThanOrEqualTo(200);
        Calibration.Psnr known = sure.measured().psnr();
        assertThat((known.high() - known.low()) / 2).as("%s", sure).isLessThanOrEqualTo(1);
        assertThat(sure.why()).contains("the mean of many others lies within").doesNotContain("cannot be promised");
        assertThatIllegalArgumentException().isThrownBy(() -> calibration().within(0, 5));
    }

    /** Whatever is wished for costs no more than 12 uncached generations as a rule. */
    @Test
    void aCalibrationCostsNoMoreThanTwelveGenerations() {
        for (Target target :
                List.of(Target.speedup(1.5), Target.speedup(2), Target.speedup(3), Target.psnr(40), Target.psnr(50))) {
            assertThat(calibration().find(target).generations())
                    .as("%s", target)
                    .isLessThanOrEqualTo(12);
        }
    }

    @Test
    void aScopeTellsWhereItWasFitted() {
        Result found = calibration()
                .policies(List.of("even:steps=*"))
                .facts(Map.of("sampler", "euler"))
                .find(Target.speedup(2));
        assertThat(found.scope().steps()).isEqualTo(STEPS);
        assertThat(found.scope().timesteps()).hasSize(STEPS);
        assertThat(found.scope().size()).isEqualTo("3x4");
        assertThat(found.scope().facts())
                .containsEntry("sampler", "euler")
                .containsEntry("prompts", "7")
                .containsKey("date");
    }

    @Test
    void oneThatWasInterruptedGoesOn() {
        Map<String, byte[]> kept = new HashMap<>();
        Calibration.Keep keep = new Calibration.Keep() {
            @Override
            public Optional<byte[]> find(String name) {
                return Optional.ofNullable(kept.get(name));
            }

            @Override
            public void keep(String name, byte[] content) {
                kept.put(name, content);
            }
        };
        failAfter = 6;
        assertThatThrownBy(() -> calibration()
                        .policies(List.of("even:steps=*"))
                        .keep(keep)
                        .find(Target.speedup(2)))
                .hasMessageContaining("the machine is gone");
        generated.clear();
        failAfter = Integer.MAX_VALUE;
        Result again =
                calibration().policies(List.of("even:steps=*")).keep(keep).find(Target.speedup(2));
        int rest = generated.size();
        generated.clear();
        Result whole = calibration().policies(List.of("even:steps=*")).find(Target.speedup(2));
        assertThat(rest).isEqualTo(generated.size() - 6);
        assertThat(again.setting()).isEqualTo(whole.setting());
        assertThat(again.measured().psnr()).isEqualTo(whole.measured().psnr());
        assertThat(again.generations()).isEqualTo(whole.generations());
    }

    @Test
    void whatCannotBeSetIsSaid() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> calibration().policies(List.of("none")).find(Target.speedup(2)))
                .withMessageContaining("no setting to be calibrated");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        calibration().policies(List.of("teacache:threshold=*")).find(Target.speedup(2)))
                .withMessageContaining("polynomial");
        assertThatIllegalArgumentException().isThrownBy(() -> Target.speedup(1)).withMessageContaining("above 1");
        assertThat(generated).isEmpty();
    }
}
