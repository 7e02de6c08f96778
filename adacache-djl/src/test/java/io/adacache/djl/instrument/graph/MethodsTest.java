package io.adacache.djl.instrument.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class MethodsTest {
    /** An ordinary empty tensor of twelve sizes of 70,000 cannot be made: its strides overflow. */
    @Test
    void manySizesNeedNoStrides() {
        assertThat(Methods.sizes(List.of("n0", "n1")))
                .isEqualTo("torch.as_strided(torch.empty([0]), [0, n0, n1], [0, 0, 0])");
        assertThat(Methods.sizes(List.of())).isEqualTo("torch.as_strided(torch.empty([0]), [0], [0])");
    }
}
