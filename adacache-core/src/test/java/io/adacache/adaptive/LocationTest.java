package io.adacache.adaptive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LocationTest {
    @ParameterizedTest
    @CsvSource({"start, 0", "middle, 13", "mid, 13", "end, 27", "0, 0", "7, 7", "27, 27"})
    void isABlockOfTheModel(String text, int block) {
        Location location = Location.parse(text);
        assertThat(location.block(IntStream.range(0, 28).boxed().toList())).isEqualTo(block);
        assertThat(Location.parse(location.toString())).isEqualTo(location);
    }

    @Test
    void isCountedAmongTheBlocksThatHaveWhatIsMeasured() {
        assertThat(Location.Relative.MIDDLE.block(List.of(1, 3, 5))).isEqualTo(3);
        assertThat(Location.Relative.END.block(List.of(1, 3, 5))).isEqualTo(5);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "centre", "1.5"})
    void whatIsNoPlaceIsRefused(String text) {
        assertThatThrownBy(() -> Location.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("start, middle, end");
    }
}
