package io.adacache.bench.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.adacache.bench.pipeline.Clip;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class QualityTest {
    private static final int HEIGHT = 24;
    private static final int WIDTH = 32;

    private static double[] picture(int wobble) {
        double[] picture = new double[HEIGHT * WIDTH];
        for (int i = 0; i < HEIGHT; i++) {
            for (int j = 0; j < WIDTH; j++) {
                picture[i * WIDTH + j] = (7 * i + 13 * j + i * j % wobble) % 32 / 31.0;
            }
        }
        return picture;
    }

    @Test
    void psnrIsItsFormula() {
        float[] grey = new float[300];
        float[] lighter = new float[300];
        Arrays.fill(lighter, 0.1f);
        assertThat(Psnr.decibels(lighter, grey)).isCloseTo(20, within(1e-5));
        lighter[0] = 1;
        assertThat(Psnr.decibels(lighter, grey)).isCloseTo(-10 * Math.log10((299 * 0.01 + 1) / 300), within(1e-5));
    }

    @Test
    void equalClipsGetTheTop() {
        assertThat(Psnr.decibels(new float[] {0.5f}, new float[] {0.5f})).isEqualTo(Psnr.EQUAL);
    }

    /**
     * Figures of scikit-image 0.25: {@code structural_similarity(a, b, data_range=1.0, gaussian_weights=True, sigma=1.5,
     * use_sample_covariance=False)}.
     */
    @Test
    void ssimAgreesWithScikitImage() {
        double[] a = picture(1);
        assertThat(Ssim.of(a, picture(5), HEIGHT, WIDTH)).isCloseTo(0.7984006459974442, within(1e-12));
        double[] flat = Arrays.stream(a).map(value -> 0.5 * value + 0.2).toArray();
        assertThat(Ssim.of(a, flat, HEIGHT, WIDTH)).isCloseTo(0.7971851430238969, within(1e-12));
    }

    @Test
    void ssimOfEqualPicturesIsOne() {
        assertThat(Ssim.of(picture(5), picture(5), HEIGHT, WIDTH)).isCloseTo(1, within(1e-12));
    }

    @Test
    void smallPicturesAreRefused() {
        assertThatThrownBy(() -> Ssim.of(new double[100], new double[100], 10, 10))
                .hasMessageContaining("11 x 11 or more");
        assertThatThrownBy(() -> Psnr.decibels(new float[2], new float[3])).hasMessageContaining("cannot be compared");
    }

    @Test
    void clipsAreComparedFrameByFrame() {
        float[] values = new float[3 * 2 * 12 * 12];
        Clip dark = new Clip(2, 12, 12, values);
        float[] second = values.clone();
        for (int i = 0; i < second.length; i++) {
            second[i] = i / 144 % 2 == 1 ? 1 : 0;
        }
        Quality quality = Quality.of(new Clip(2, 12, 12, second), dark);
        // One frame is equal; in the other black meets white: (2*0*1 + C1) / (0 + 1 + C1), structure equal.
        assertThat(quality.ssim()).isCloseTo((1 + 1e-4 / (1 + 1e-4)) / 2, within(1e-9));
        assertThat(quality.psnr()).isCloseTo(-10 * Math.log10(0.5), within(1e-9));
    }
}
