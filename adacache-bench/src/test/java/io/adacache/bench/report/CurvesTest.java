package io.adacache.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.adacache.bench.report.Curve.Point;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CurvesTest {
    private static Curve curve(String family, double... xy) {
        List<Point> points = new java.util.ArrayList<>();
        for (int i = 0; i < xy.length; i += 2) {
            points.add(new Point(family + i / 2, xy[i], xy[i + 1]));
        }
        return new Curve(family, points);
    }

    @Test
    void theEnvelopeLeavesOutWhatIsBeatenInBoth() {
        Curve curve = curve("a", 3, 20, 1.5, 30, 2, 19, 2.5, 25, 2.4, 25);
        assertThat(curve.envelope()).extracting(Point::x).containsExactly(1.5, 2.5, 3.0);
        assertThat(curve.at(2).getAsDouble()).isEqualTo(27.5);
        assertThat(curve.at(1).getAsDouble()).as("a faster setting will do").isEqualTo(30);
        assertThat(curve.at(3).getAsDouble()).isEqualTo(20);
        assertThat(curve.at(3.01)).isEmpty();
        assertThat(curve("none").at(1)).isEmpty();
        assertThat(curve("tie", 2, 30, 2, 20, 1, 40, 3, 10).envelope())
                .as("equally fast, one worse")
                .extracting(Point::y)
                .containsExactly(40.0, 30.0, 10.0);
    }

    @Test
    void marginsSayWhereAdaCacheIsBehind() {
        Curves curves = new Curves(
                "x",
                "PSNR dB",
                List.of(
                        curve("adacache", 1.5, 30, 3, 20),
                        curve("adacache-moreg", 2, 28),
                        curve("below", 1.5, 25, 2, 22),
                        curve("above", 1.5, 29, 3, 21),
                        curve("faster", 4, 10),
                        curve("useless", 1.01, 50)));
        List<Curves.Margin> margins = curves.margins();
        assertThat(margins).extracting(Curves.Margin::rival).containsExactly("below", "above", "faster", "useless");
        assertThat(margins.get(0).least()).isPositive();
        assertThat(margins.get(0).behind()).isZero();
        assertThat(margins.get(1).least()).isCloseTo(-1, within(1e-9));
        assertThat(margins.get(1).at()).isEqualTo(3);
        assertThat(margins.get(1).behind()).isBetween(0.01, 0.5);
        assertThat(margins.get(2).behind()).as("too slow counts as behind").isBetween(0.3, 0.4);
        assertThat(margins.get(3).least()).isNull();
        assertThat(MarginText.of(margins.get(3), 2)).last().isEqualTo("never faster than 1.05x");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "adacache-fast | adacache",
                "adacache-slow-moreg:motion-scale=1 | adacache-moreg",
                "adacache:codebook=1:1,motion=true,forecast=1 | adacache-moreg+forecast",
                "adacache:forecast=0 | adacache",
                "adacache-plus:quality=0.1,forecast=2 | adacache-plus",
                "easycache:threshold=0.1,forecast=1 | easycache+forecast",
                "teacache:0.1 | teacache",
                "every-3 | every",
                "delta-dit | delta-dit",
                "even as teacache | even twins"
            })
    void familiesAreMethods(String policy, String family) {
        assertThat(Family.of(policy)).isEqualTo(family);
    }

    @Test
    void intervalsHoldTheValue() {
        Interval interval = Interval.ofMedian(1, 2, 3, 4, 100);
        assertThat(interval.value()).isEqualTo(3);
        assertThat(interval.low()).isBetween(1.0, 2.0);
        assertThat(interval.high()).isBetween(4.0, 100.0);
        assertThat(Interval.ofMean(2, 2, 2)).isEqualTo(new Interval(2, 2, 2));
        assertThat(Interval.ofMean(1, 2, 3)).as("seeded").isEqualTo(Interval.ofMean(1, 2, 3));
    }

    @Test
    void chartsShowEveryMethodOnce() {
        Curves curves =
                new Curves("x", "SSIM", List.of(curve("adacache", 1.5, 0.9, 3, 0.8), curve("fora", 2, 0.7, 2.5, 0.6)));
        String svg = new CurveChart(curves).svg();
        assertThat(svg.split("<path", -1)).hasSize(3);
        assertThat(svg.split("<circle", -1)).hasSize(5);
        assertThat(svg).doesNotContain("NaN", "Infinity");
        assertThat(CurveChart.legend(curves)).contains("adacache", "fora");
    }
}
