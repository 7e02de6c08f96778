package io.adacache.calibrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.adacache.calibrate.QualityFit.Run;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class QualityFitTest {
    private static double x(double error) {
        return -20 * Math.log10(error);
    }

    @Test
    void manyRunsOnALineGiveTheLine() {
        List<Run> runs = new ArrayList<>();
        for (int prompt = 0; prompt < 5; prompt++) {
            for (double error : new double[] {0.001, 0.01, 0.1, 0.3}) {
                runs.add(new Run(prompt, error, 3 + prompt + 0.7 * x(error)));
            }
        }
        QualityFit fit = QualityFit.of(runs);
        assertThat(fit.slope()).isCloseTo(0.7, within(0.01));
        assertThat(fit.predict(2, 0.05)).isCloseTo(5 + 0.7 * x(0.05), within(0.2));
        assertThat(fit.predict(99, 0.05)).as("a prompt not seen").isCloseTo(5 + 0.7 * x(0.05), within(0.2));
    }

    @Test
    void oneSettingMovesTheLevelAndTrustsTheSlope() {
        QualityFit fit = QualityFit.of(List.of(new Run(0, 0.1, 30), new Run(1, 0.1, 34)));
        assertThat(fit.slope()).as("the usual one").isEqualTo(1.3);
        assertThat(fit.predict(0, 0.05) - 30).isCloseTo(1.3 * 20 * Math.log10(2), within(1e-9));
    }

    @Test
    void withoutRunsTheUsualLineIsTaken() {
        QualityFit fit = QualityFit.of(List.of());
        assertThat(fit.predict(0, 0.01)).isCloseTo(40, within(1e-9));
        assertThat(fit.predict(0, 0.1)).isCloseTo(40 - 1.3 * 20, within(1e-9));
    }

    @Test
    void withoutErrorClipsAreEqual() {
        QualityFit fit = QualityFit.of(List.of(new Run(0, 0, QualityFit.EQUAL), new Run(0, 0.1, 30)));
        assertThat(fit.predict(0, 0)).isEqualTo(QualityFit.EQUAL);
        assertThat(fit.predict(0, 1e-9)).isEqualTo(QualityFit.EQUAL);
        assertThat(fit.slope()).isEqualTo(1.3);
    }

    @Test
    void aSpreadIsStudentsInterval() {
        Spread spread = Spread.of(List.of(1.0, 2.0, 3.0, 4.0));
        assertThat(spread.mean()).isEqualTo(2.5);
        assertThat(spread.worst()).isEqualTo(1);
        assertThat(spread.high() - spread.mean()).isCloseTo(3.182 * Math.sqrt(5.0 / 3 / 4), within(1e-9));
        assertThat(Spread.of(List.of(7.0))).isEqualTo(new Spread(7, 7, 7, 7));
    }
}
