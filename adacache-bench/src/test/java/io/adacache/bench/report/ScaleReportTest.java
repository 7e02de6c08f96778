package io.adacache.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.adacache.bench.scale.ScaleRow;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How things grow, from rows whose growth is known. */
class ScaleReportTest {
    private static ScaleRow row(long tokens, double plain, double reused, long held) {
        return new ScaleRow(
                "m",
                1,
                "float32",
                "s",
                tokens,
                1,
                "p",
                12,
                4,
                plain,
                plain,
                reused,
                plain,
                plain,
                reused,
                1,
                1,
                reused / plain,
                0.1,
                3,
                2.9,
                2.95,
                0.001,
                held,
                held,
                held,
                held,
                0,
                0,
                0,
                0);
    }

    @Test
    void powersAreThoseOfTheRows() {
        List<ScaleRow> rows = List.of(row(100, 10, 1, 50), row(200, 40, 2, 100), row(400, 160, 4, 200));
        assertThat(ScaleReport.power(rows, ScaleRow::plainMs)).isCloseTo(2, within(1e-9));
        assertThat(ScaleReport.power(rows, ScaleRow::reusedMs)).isCloseTo(1, within(1e-9));
        assertThat(new ScaleReport(rows).text())
                .contains("m float32, p: plain grows with tokens^2.00, a reused step with ^1.00, what is held with"
                        + " ^1.00");
    }

    @Test
    void nothingReusedHasNoPowerAndNoLine() {
        List<ScaleRow> rows = List.of(row(100, 10, Double.NaN, 0), row(200, 20, Double.NaN, 0));
        assertThat(new ScaleReport(rows).text()).contains("tokens^1.00", "a reused step with ^-", "held with ^-");
        assertThat(new ScaleReport(rows).svg()).doesNotContain("<path");
    }

    @Test
    void oneSizeDoesNotGrow() {
        assertThat(new ScaleReport(List.of(row(100, 10, 1, 50))).text()).doesNotContain("grows");
    }
}
